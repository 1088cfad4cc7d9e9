"""Small data sets in every format that autoae reads, made for the tests."""

import gzip
import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from autoae.data.images import Bytes, Integers

CIFAR_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def random_images(count: int, *shape: int, seed: int = 0) -> Bytes:
    """Random bytes, (count, *shape)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


def labels_of(count: int, classes: int = 10) -> Integers:
    """0, 1, 2, ... over and over."""
    return np.arange(count, dtype=np.int64) % classes


def idx_bytes(array: Bytes) -> bytes:
    """An array in idx format."""
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def write_idx_root(
    root: Path, name: str, *, packed: bool = False, train: int = 60, test: int = 20
) -> Path:
    """A torchvision root with four idx files; returns their folder."""
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    for seed, (split, count) in enumerate((("train", train), ("t10k", test))):
        images = idx_bytes(random_images(count, 28, 28, seed=seed))
        labels = idx_bytes(labels_of(count).astype(np.uint8))
        for kind, content in (("images-idx3", images), ("labels-idx1", labels)):
            file = folder / f"{split}-{kind}-ubyte{'.gz' if packed else ''}"
            file.write_bytes(gzip.compress(content) if packed else content)
    return folder


class PythonTwoPickler(pickle._Pickler):
    """Writes bytes as Python 2 wrote its strings: as the original files have them."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)

    def save_text(self, text: bytes) -> None:
        self.write(pickle.BINSTRING + len(text).to_bytes(4, "little") + text)  # type: ignore[attr-defined]

    dispatch[bytes] = save_text


def python_two_pickle(value: object) -> bytes:
    """A pickle of protocol 2 as Python 2 would write it."""
    out = io.BytesIO()
    PythonTwoPickler(out, 2).dump(value)
    return out.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def cifar_batch(count: int = 20, seed: int = 0) -> dict[bytes, Any]:
    """What one of the original files holds."""
    return {
        b"batch_label": b"a batch",
        b"labels": labels_of(count).tolist(),
        b"data": random_images(count, 3072, seed=seed),
        b"filenames": [b"%d.png" % row for row in range(count)],
    }


def write_cifar_batches(root: Path) -> Path:
    """The folder of the original CIFAR-10, with few images."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for seed, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
        (folder / name).write_bytes(python_two_pickle(cifar_batch(seed=seed)))
    return folder


def write_cifar_archive(root: Path) -> Path:
    """The archive of the original CIFAR-10, with few images."""
    folder = write_cifar_batches(root / "unpacked")
    place = root / "cifar-10-python.tar.gz"
    with tarfile.open(place, "w:gz") as archive:
        archive.add(folder, folder.name)
    return place


def encoded(image: Bytes, kind: str = "PNG") -> bytes:
    """An image file of an array (H, W) or (H, W, 3)."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, kind)
    return out.getvalue()


def write_folders(
    place: Path, classes: dict[str, int], *shape: int, make: Callable[..., Bytes] = random_images
) -> Path:
    """Class folders with that many PNG files each."""
    for seed, (name, count) in enumerate(classes.items()):
        (place / name).mkdir(parents=True)
        for row, image in enumerate(make(count, *shape, seed=seed)):
            (place / name / f"{row:03}.png").write_bytes(encoded(image))
    return place


def zipped(folder: Path, place: Path, prefix: str = "") -> Path:
    """A zip of a folder."""
    with zipfile.ZipFile(place, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{prefix}{file.relative_to(folder).as_posix()}")
    return place
