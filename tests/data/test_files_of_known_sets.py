"""The files of MNIST and CIFAR-10: missing, damaged, or meant to do harm."""

import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from autoae.data import DataError, MissingData, available, facts, fetch, load
from autoae.data.cifar_batches import read_batch
from autoae.data.idx import read_idx
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from tests.data import made

MNIST = DataOptions(dataset="mnist")
CIFAR10 = DataOptions(dataset="cifar10")


def test_an_unknown_data_set_names_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean 'digits'") as caught:
        facts(DataOptions(dataset="digit"))
    assert caught.value.key == "data.dataset"


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_a_missing_data_set(root: Path, cache: Path, name: str) -> None:
    with pytest.raises(MissingData, match="not on this machine") as caught:
        load(DataOptions(dataset=name))
    assert str(root) in caught.value.message
    assert str(cache) in caught.value.message
    assert f"autoae data fetch {name}" in caught.value.hint
    assert "AUTOAE_DATA_DIR" in caught.value.hint


def test_a_missing_file_is_named(root: Path) -> None:
    folder = made.write_idx_root(root, "MNIST")
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(MissingData, match="raw has no t10k-labels-idx1-ubyte"):
        load(MNIST)


@pytest.mark.parametrize("packed", [False, True])
def test_a_truncated_idx_file(root: Path, packed: bool) -> None:
    folder = made.write_idx_root(root, "MNIST", packed=packed)
    file = next(folder.glob("train-images*"))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match="no intact idx file") as caught:
        load(MNIST)
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_wrong_idx_files(tmp_path: Path) -> None:
    file = tmp_path / "file"
    whole = made.idx_bytes(made.random_images(2, 4, 4))
    cases = {
        b"": "begins with nothing",
        b"GIF89a": "begins with 47494638 and not with 00000803",
        whole[:-1]: "should hold 32 bytes after its header, there are 31",
        whole + b"1": "should hold 32 bytes after its header, there are more",
        whole[:4] + b"\xff" * 12: "promises",
        whole[:6]: "ends within its header",
    }
    for content, message in cases.items():
        file.write_bytes(content)
        with pytest.raises(DataError, match=message):
            read_idx(file, 3)


def test_labels_that_do_not_fit(root: Path) -> None:
    folder = made.write_idx_root(root, "MNIST")
    file = folder / "train-labels-idx1-ubyte"
    file.write_bytes(made.idx_bytes(made.labels_of(59).astype(np.uint8)))
    with pytest.raises(DataError, match="59 labels for 60 images"):
        load(MNIST)
    file.write_bytes(made.idx_bytes(made.labels_of(60, 12).astype(np.uint8)))
    with pytest.raises(DataError, match="label 11, the largest is 9"):
        load(MNIST)


class Harm:
    """Would run a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    "value",
    [
        Harm(),
        {b"data": np.array([Harm()], object), b"labels": [0]},
        {b"data": np.zeros((1, 3072)), b"labels": [0]},
        {b"data": np.zeros((1, 3071), np.uint8), b"labels": [0]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0]},
        {b"data": np.zeros((1, 3072), np.uint8), b"labels": [10]},
        {b"data": np.zeros((1, 3072), np.uint8), b"labels": [None]},
        {b"data": np.zeros((0, 3072), np.uint8), b"labels": []},
        {b"labels": [0]},
        [1, 2],
    ],
)
def test_a_pickle_that_is_no_batch(value: object) -> None:
    for content in (pickle.dumps(value), made.python_two_pickle(value)):
        with pytest.raises(DataError, match="no intact part of CIFAR-10"):
            read_batch(content, "data_batch_1")


def test_the_unpickler_says_what_it_refuses() -> None:
    with pytest.raises(DataError, match=r"asks for (posix|nt).system"):
        read_batch(pickle.dumps(Harm()), "data_batch_1")


def test_batches_of_newer_pythons_are_read() -> None:
    pixels = made.random_images(3, 3072)
    content = pickle.dumps({"data": pixels, "labels": [1, 2, 3]}, 3)
    images, labels = read_batch(content, "data_batch_1")
    assert np.array_equal(images.transpose(0, 3, 1, 2).reshape(3, -1), pixels)
    assert labels.tolist() == [1, 2, 3]


def test_a_truncated_batch(root: Path) -> None:
    folder = made.write_cifar_batches(root)
    file = folder / "data_batch_3"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match="data_batch_3 is no intact part"):
        load(CIFAR10)


def test_an_archive_without_a_batch(root: Path) -> None:
    folder = made.write_cifar_batches(root / "unpacked")
    place = root / "cifar-10-python.tar.gz"
    with tarfile.open(place, "w:gz") as archive:
        archive.add(folder / "test_batch", "cifar-10-batches-py/test_batch")
    with pytest.raises(DataError, match="lacks cifar-10-batches-py/data_batch_1"):
        load(CIFAR10)


def test_a_truncated_archive(root: Path) -> None:
    place = made.write_cifar_archive(root)
    place.write_bytes(place.read_bytes()[:5000])
    with pytest.raises(DataError, match="no intact part of CIFAR-10"):
        load(CIFAR10)


def test_the_original_goes_before_a_copy(root: Path) -> None:
    (root / "cifar10-images").mkdir()
    made.write_cifar_batches(root)
    assert facts(CIFAR10).name == "cifar10"


def test_available_says_where_or_how(root: Path) -> None:
    folder = made.write_idx_root(root, "MNIST")
    lines = {line.name: line for line in available()}
    assert lines["mnist"].place == str(folder)
    assert lines["mnist"].how == ""
    assert lines["cifar10"].place == ""
    assert "autoae data fetch cifar10" in lines["cifar10"].how
    assert lines["digits"].place.startswith("scikit-learn")
    assert "data.path" in lines["folder"].how


def test_fetching_what_is_there_downloads_nothing(root: Path) -> None:
    folder = made.write_idx_root(root, "MNIST")
    assert fetch("mnist") == str(folder)
    assert fetch("digits").startswith("scikit-learn")


def test_fetching_without_network(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("torchvision.datasets.utils._urlretrieve", unreachable)
    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", unreachable)
    for name in ("mnist", "fashion-mnist", "cifar10"):
        with pytest.raises(DataError, match="could not download") as caught:
            fetch(name)
        assert "AUTOAE_DATA_DIR" in caught.value.hint


def test_folders_are_not_fetched(root: Path) -> None:
    with pytest.raises(DataError, match="not for download"):
        fetch("folder")
    with pytest.raises(SpecError, match="unknown data set"):
        fetch("mnits")
