"""What every registered data set promises, on made files and on the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoae.data import ImageData, facts, load, registered_datasets
from autoae.spec.config import DataOptions
from tests.data import made

Prepare = Callable[[Path], DataOptions]


def _nothing(name: str) -> Prepare:
    return lambda _root: DataOptions(dataset=name)


def _idx(name: str, folder: str, packed: bool) -> Prepare:
    def prepare(root: Path) -> DataOptions:
        made.write_idx_root(root, folder, packed=packed)
        return DataOptions(dataset=name)

    return prepare


def _composed(root: Path) -> DataOptions:
    made.write_idx_root(root, "MNIST")
    return DataOptions(dataset="double-mnist", images=30, canvas=60)


def _batches(root: Path) -> DataOptions:
    made.write_cifar_batches(root)
    return DataOptions(dataset="cifar10")


def _archive(root: Path) -> DataOptions:
    made.write_cifar_archive(root)
    return DataOptions(dataset="cifar10")


def _copy_folder(root: Path) -> Path:
    counts = dict.fromkeys(made.CIFAR_CLASSES, 3)
    for split in ("train", "test"):
        made.write_folders(root / split, counts, 32, 32, 3)
    return root


def _copy(root: Path) -> DataOptions:
    _copy_folder(root / "cifar10-images")
    return DataOptions(dataset="cifar10")


def _copy_zip(root: Path) -> DataOptions:
    made.zipped(_copy_folder(root / "unpacked"), root / "cifar10-images.zip")
    return DataOptions(dataset="cifar10")


def _folder(root: Path) -> DataOptions:
    place = made.write_folders(root / "pets", {"cat": 12, "dog": 8}, 9, 7)
    return DataOptions(dataset="folder", path=str(place))


def _folder_zip(root: Path) -> DataOptions:
    for split, count in (("train", 6), ("test", 2)):
        made.write_folders(root / "pets" / split, {"cat": count, "dog": count}, 9, 7, 3)
    place = made.zipped(root / "pets", root / "pets.zip", prefix="pets/")
    return DataOptions(dataset="folder", path=str(place))


MADE: dict[str, Prepare] = {
    "digits": _nothing("digits"),
    "stripes": _nothing("stripes"),
    "mnist": _idx("mnist", "MNIST", packed=False),
    "fashion-mnist": _idx("fashion-mnist", "FashionMNIST", packed=True),
    "double-mnist": _composed,
    "cifar10": _batches,
    "cifar10 archive": _archive,
    "cifar10 folder": _copy,
    "cifar10 zip": _copy_zip,
    "folder": _folder,
    "folder zip": _folder_zip,
}
REAL = ("mnist", "fashion-mnist", "cifar10")


@pytest.fixture(params=MADE)
def options(request: pytest.FixtureRequest, root: Path, stripes: None) -> DataOptions:
    """The options of a data set whose files are there."""
    return MADE[request.param](root)


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> DataOptions:
    """The options of a data set whose real files are there."""
    return DataOptions(dataset=request.param)


def check(data: ImageData) -> None:
    """Everything that holds for every data set."""
    count = data.facts.train
    for split, total in ((data.train, count), (data.validation, count), (data.test, None)):
        assert split.images.shape == (total or data.facts.test, *data.facts.shape)
        assert split.images.dtype == np.uint8
        assert not split.images.flags.writeable
        assert split.labels.dtype == split.indices.dtype == np.int64
        assert len(split.labels) == len(split.images)
        assert split.labels.min() >= 0
        if data.facts.counted:
            assert split.labels.shape == (len(split.images), len(data.facts.classes))
        else:
            assert split.labels.max() < len(data.facts.classes)
        assert (np.diff(split.indices) > 0).all()
    assert sorted([*data.train.indices, *data.validation.indices]) == list(range(count))
    assert np.array_equal(data.test.indices, np.arange(data.facts.test))
    assert data.mean.shape == data.std.shape == (data.facts.shape[0],)
    assert data.mean.dtype == data.std.dtype == np.float32


def test_every_data_set_is_covered(stripes: None) -> None:
    assert set(registered_datasets()) == {name.split()[0] for name in MADE}


def test_contract(options: DataOptions) -> None:
    data = load(options)
    check(data)
    assert facts(options) == data.facts
    known = registered_datasets()[options.dataset].known
    if known is not None:
        assert (known.shape, known.classes) == (data.facts.shape, data.facts.classes)


def test_the_test_is_sealed_from_training(options: DataOptions) -> None:
    data = load(options)
    assert np.shares_memory(data.train.images, data.validation.images)
    assert not np.shares_memory(data.train.images, data.test.images)


def test_loading_twice_gives_the_same(options: DataOptions) -> None:
    first, second = load(options), load(options)
    assert np.array_equal(first.train.indices, second.train.indices)
    assert np.array_equal(first.train.images, second.train.images)
    assert np.array_equal(first.test.labels, second.test.labels)


@pytest.mark.needs_data
def test_contract_of_the_real_files(real: DataOptions) -> None:
    data = load(real)
    check(data)
    known = registered_datasets()[real.dataset].known
    assert known is not None
    assert data.facts.train == known.train
    assert data.facts.test == known.test
    assert np.unique(data.train.labels, return_counts=True)[1].min() >= 5000


@pytest.mark.needs_data
def test_real_splits_are_stratified(real: DataOptions) -> None:
    data = load(real)
    whole = np.bincount(data.train.labels) / data.facts.train
    held_out = np.bincount(data.validation.labels[data.validation.indices])
    assert np.abs(held_out - whole * len(data.validation)).max() < 1


@pytest.mark.needs_data
def test_known_statistics_of_mnist() -> None:
    """The mean and deviation that everyone normalises MNIST with."""
    data = load(DataOptions(dataset="mnist", validation=0, normalize="dataset"))
    assert data.mean == pytest.approx([0.1307], abs=1e-4)
    assert data.std == pytest.approx([0.3081], abs=1e-4)


@pytest.mark.needs_data
def test_the_copy_of_cifar_says_so() -> None:
    data = load(DataOptions(dataset="cifar10"))
    assert data.facts.name == "cifar10 (JPEG copy)"
    assert data.facts.classes == tuple(made.CIFAR_CLASSES)


def test_digits_are_exact() -> None:
    from sklearn.datasets import load_digits

    original = load_digits()
    data = load(DataOptions(dataset="digits", validation=0))
    assert (data.facts.train, data.facts.test) == (1437, 360)
    ours = sorted(image.tobytes() for image in (*data.train.images, *data.test.images))
    theirs = np.rint(original.images * 255 / 16).astype(np.uint8)
    assert ours == sorted(image.tobytes() for image in theirs)
    assert np.bincount(data.test.labels).min() >= 34


def test_idx_images_arrive_as_they_are(root: Path) -> None:
    made.write_idx_root(root, "MNIST")
    data = load(DataOptions(dataset="mnist"))
    assert np.array_equal(data.train.images[:, 0], made.random_images(60, 28, 28))
    assert np.array_equal(data.test.images[:, 0], made.random_images(20, 28, 28, seed=1))


def test_cifar_images_arrive_as_they_are(root: Path) -> None:
    made.write_cifar_batches(root)
    data = load(DataOptions(dataset="cifar10"))
    assert np.array_equal(data.train.images[20:40].reshape(20, -1), cifar_pixels(1))
    assert np.array_equal(data.test.images.reshape(20, -1), cifar_pixels(5))


def cifar_pixels(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The pixels of one made batch."""
    return made.random_images(20, 3072, seed=seed)
