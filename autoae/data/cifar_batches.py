"""The original CIFAR-10 files: pickles, read by an unpickler that can make arrays of bytes only."""

import io
import pickle
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import cast

import numpy as np
import numpy.typing as npt

from autoae.data.errors import DataError
from autoae.data.images import Bytes, Integers

FOLDER = "cifar-10-batches-py"
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = ("test_batch",)

_SIDE = 32
_CLASSES = 10
_MOST = 64 * 2**20


def _bytes_type(code: object, *_flags: object) -> np.dtype[np.uint8]:
    if code not in ("u1", b"u1"):
        raise pickle.UnpicklingError(f"an array of {code!r}")
    # A copy: the unpickler sets the state of what it gets.
    return np.dtype("u1", copy=True)


_RECONSTRUCT = cast("Callable[..., object]", np.zeros(0).__reduce__()[0])

# Everything that these files name; with nothing else a pickle can do no harm.
_ALLOWED: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _bytes_type,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., object]:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _ALLOWED[module, name]


def read_batch(content: bytes, origin: str) -> tuple[Bytes, Integers]:
    """Read one batch.

    Args:
        content: The bytes of the file.
        origin: Where it comes from, for the error message.

    Returns:
        Images (N, 32, 32, 3) and labels (N,).

    Raises:
        DataError: It is damaged, or holds anything but images and labels.
    """
    try:
        loaded = _Unpickler(io.BytesIO(content), encoding="bytes").load()
        # Python 2 wrote the files: its strings arrive as bytes.
        batch = {k.decode() if isinstance(k, bytes) else k: v for k, v in loaded.items()}
        images, labels = batch["data"], np.array(batch["labels"])
        _check(images, labels)
    except Exception as error:  # A damaged pickle raises whatever it stumbles over.
        raise broken(origin, f"{type(error).__name__}: {error}") from error
    channels_first = images.reshape(-1, 3, _SIDE, _SIDE)
    return channels_first.transpose(0, 2, 3, 1), labels.astype(np.int64)


def _check(images: object, labels: npt.NDArray[np.generic]) -> None:
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        raise ValueError("`data` is no array of bytes")
    if images.shape != (len(labels), 3 * _SIDE**2) or not len(labels):
        raise ValueError(f"images of shape {images.shape}, {len(labels)} labels")
    if labels.dtype.kind != "i" or labels.min() < 0 or labels.max() >= _CLASSES:
        raise ValueError("labels that are not 0 to 9")


def read_archive(place: Path) -> dict[str, bytes]:
    """The batches in `cifar-10-python.tar.gz` by their names; nothing is unpacked to disk.

    Raises:
        DataError: It is damaged, or far larger than it should be.
    """
    wanted = {f"{FOLDER}/{name}" for name in (*TRAIN, *TEST)}
    try:
        with tarfile.open(place, "r:gz") as archive:
            return {
                PurePosixPath(member.name).name: _content(archive, member)
                for member in archive
                if member.name in wanted
            }
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise broken(str(place), str(error)) from error


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or member.size > _MOST:
        raise tarfile.TarError(f"{member.name} is no file of at most {_MOST:,} bytes")
    return content.read()


def broken(origin: str, reason: str) -> DataError:
    """The error for a file that is not one of the original CIFAR-10."""
    return DataError(
        f"{origin} is no intact part of CIFAR-10: {reason}",
        hint="delete it and get it again with `autoae data fetch cifar10`",
    )
