"""Anyone's images: what is understood, and what is refused with a clear message."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autoae.data import DataError, archives, facts, load
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from tests.data import made


def folder(place: Path) -> DataOptions:
    """The options that read a place as class folders."""
    return DataOptions(dataset="folder", path=str(place))


def refused(place: Path, message: str) -> DataError:
    """Load a place that must be refused with one message that names it and says what to do."""
    with pytest.raises(DataError, match=message) as caught:
        load(folder(place))
    assert str(place) in caught.value.message
    assert caught.value.hint
    return caught.value


def pets(place: Path, *shape: int) -> Path:
    """Two class folders of ten images in all."""
    return made.write_folders(place, {"cat": 6, "dog": 4}, *(shape or (6, 6)))


def test_a_fifth_becomes_the_test(root: Path) -> None:
    found = facts(folder(pets(root / "pets")))
    assert (found.name, found.classes) == ("folder (pets)", ("cat", "dog"))
    assert (found.shape, found.train, found.test) == ((1, 6, 6), 8, 2)


def test_train_and_test_on_top_are_taken(root: Path) -> None:
    pets(root / "pets" / "train")
    made.write_folders(root / "pets" / "test", {"dog": 3}, 6, 6)
    data = load(folder(root / "pets"))
    assert (data.facts.train, data.facts.test) == (10, 3)
    assert data.test.labels.tolist() == [1, 1, 1]


def test_directory_and_zip_give_the_same(root: Path) -> None:
    place = pets(root / "pets")
    plain = load(folder(place))
    for prefix in ("", "pets/", "./pets/"):
        packed = load(folder(made.zipped(place, root / "pets.zip", prefix)))
        assert np.array_equal(plain.train.images, packed.train.images)
        assert np.array_equal(plain.test.labels, packed.test.labels)


def test_grey_only_if_all_are_grey(root: Path) -> None:
    place = pets(root / "pets")
    assert facts(folder(place)).shape == (1, 6, 6)
    (place / "dog" / "one.png").write_bytes(made.encoded(made.random_images(1, 6, 6, 3)[0]))
    assert facts(folder(place)).shape == (3, 6, 6)


def test_palettes_and_sixteen_bits_are_grey(root: Path) -> None:
    place = pets(root / "pets")
    image = Image.fromarray(made.random_images(1, 6, 6)[0])
    image.convert("P").save(place / "dog" / "palette.gif")
    Image.fromarray(np.full((6, 6), 65535, np.uint16)).save(place / "dog" / "deep.png")
    data = load(folder(place))
    assert data.facts.shape == (1, 6, 6)
    every = [*data.train.images, *data.test.images]
    assert any((picture == 255).all() for picture in every)
    assert any((picture[0] == np.asarray(image)).all() for picture in every)


def test_photographs_are_turned_upright(root: Path) -> None:
    place = root / "pets"
    (place / "cat").mkdir(parents=True)
    lying = Image.fromarray(np.repeat([[0], [255]], 8, axis=1).repeat(4, axis=0).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for number in range(5):
        lying.save(place / "cat" / f"{number}.jpg", exif=exif, quality=100)
    image = load(folder(place)).train.images[0, 0]
    assert image[:, :3].mean() > 250
    assert image[:, 5:].mean() < 5


def test_what_file_managers_leave_is_ignored(root: Path) -> None:
    place = pets(root / "pets")
    (place / ".cache").mkdir()
    (place / "__MACOSX" / "cat").mkdir(parents=True)
    (place / "__MACOSX" / "cat" / "._000.png").write_bytes(b"nothing")
    (place / "cat" / ".DS_Store").write_bytes(b"nothing")
    (place / "cat" / "notes.txt").write_text("nothing")
    assert facts(folder(place)).classes == ("cat", "dog")
    assert facts(folder(made.zipped(place, root / "a.zip"))).classes == ("cat", "dog")


def test_a_changed_file_is_noticed(root: Path) -> None:
    place = pets(root / "pets")
    assert facts(folder(place)).train == 8
    made.write_folders(place, {"owl": 5}, 6, 6)
    assert facts(folder(place)).classes == ("cat", "dog", "owl")


def test_folder_needs_a_path_and_others_take_none() -> None:
    with pytest.raises(SpecError, match="needs a path") as caught:
        load(DataOptions(dataset="folder"))
    assert caught.value.key == "data.path"
    with pytest.raises(SpecError, match="takes no path") as caught:
        load(DataOptions(dataset="digits", path="somewhere"))
    assert caught.value.key == "data.path"


def test_an_unreadable_image(root: Path) -> None:
    place = pets(root / "pets")
    for content in (b"no image at all", (place / "cat" / "001.png").read_bytes()[:60]):
        (place / "cat" / "002.png").write_bytes(content)
        error = refused(place, "cannot be read as an image")
        assert str(Path("cat", "002.png")) in error.message
        assert "0x" not in error.message


def test_floating_point_pixels(root: Path) -> None:
    place = pets(root / "pets")
    Image.fromarray(np.zeros((6, 6), np.float32)).save(place / "cat" / "000.tif")
    refused(place, "save it with 8 bits")


@pytest.mark.parametrize("most", [20, 30])
def test_an_image_bomb(root: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Pillow warns above its limit and raises above twice its limit: both are refused."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
    refused(pets(root / "pets", 7, 7), f"more than {most} pixels")


def test_an_empty_class(root: Path) -> None:
    place = pets(root / "pets")
    (place / "owl").mkdir()
    refused(place, "owl is a class folder without images")


def test_no_classes(root: Path) -> None:
    place = root / "flat"
    place.mkdir()
    (place / "000.png").write_bytes(made.encoded(made.random_images(1, 6, 6)[0]))
    refused(place, "no class folders")


def test_too_few_images(root: Path) -> None:
    refused(made.write_folders(root / "few", {"cat": 4}, 6, 6), "at least 5")


def test_a_test_class_of_its_own(root: Path) -> None:
    pets(root / "pets" / "train")
    made.write_folders(root / "pets" / "test", {"owl": 3}, 6, 6)
    refused(root / "pets", "owl is a class that train/ does not have")


def test_a_single_training_image(root: Path) -> None:
    for split in ("train", "test"):
        made.write_folders(root / "one" / split, {"cat": 1}, 6, 6)
    with pytest.raises(DataError, match="single training image"):
        load(folder(root / "one"))


def test_neither_directory_nor_zip(root: Path) -> None:
    refused(root / "nowhere", "does not exist")
    (root / "text").write_text("text")
    refused(root / "text", "no directory and no zip")


def test_a_copy_of_cifar_with_other_classes(root: Path) -> None:
    pets(root / "cifar10-images")
    with pytest.raises(DataError, match="no copy of CIFAR-10: its classes are cat, dog"):
        load(DataOptions(dataset="cifar10"))


@pytest.mark.parametrize("name", ["../cat/1.png", "/cat/1.png", "cat/../../1.png", "C:\\1.png"])
def test_a_zip_that_leaves_its_directory(root: Path, name: str) -> None:
    place = root / "bad.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(name, b"")
    refused(place, re.escape(repr(name)) + " leaves the directory")


def test_a_zip_bomb_by_ratio(root: Path) -> None:
    place = root / "bomb.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", bytes(10**6))
    refused(place, "times when unpacked")


def test_a_zip_bomb_by_size(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 100)
    refused(made.zipped(pets(root / "pets"), root / "pets.zip"), "the most is 100")


def test_a_link_that_leaves_the_directory(root: Path) -> None:
    secret = made.write_folders(root / "elsewhere", {"bird": 1}, 6, 6) / "bird"
    for number, target in enumerate((secret, next(secret.iterdir()))):
        place = pets(root / str(number))
        (place / "cat" / "link.png").symlink_to(target)
        refused(place, "a link that leaves")
    # One within the directory is as good as a file.
    place = pets(root / "pets")
    (place / "dog" / "again.png").symlink_to(next((place / "cat").iterdir()).resolve())
    assert facts(folder(place)).train == 9


def test_a_link_that_leads_back(root: Path) -> None:
    place = pets(root / "pets")
    (place / "cat" / "round").symlink_to(place / "dog")
    (place / "dog" / "round").symlink_to(place / "cat")
    refused(place, "leads back")


def test_a_zip_with_a_password(root: Path) -> None:
    place = made.zipped(pets(root / "pets"), root / "pets.zip")
    content = bytearray(place.read_bytes())
    # The flag in the first entry of the table of contents.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    place.write_bytes(content)
    refused(place, "locked with a password")


def test_a_damaged_zip(root: Path) -> None:
    place = made.zipped(pets(root / "pets"), root / "pets.zip")
    content = bytearray(place.read_bytes())
    content[content.index(b"IDAT") + 10] ^= 255
    place.write_bytes(content)
    refused(place, "is damaged: .*CRC")
    place.write_bytes(content[: len(content) // 2])
    refused(place, "no directory and no zip")
