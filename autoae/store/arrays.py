"""Files of NumPy arrays: no pickles, and refused before they fill the memory."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile, is_zipfile

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]

MOST_UNPACKED = 4 * 2**30
"""Bytes that an `.npz` may hold, unpacked."""

SINGLE = "images"
"""What the array of an `.npy` is called."""


def read_arrays(path: Path, names: Iterable[str] | None = None) -> Arrays:
    """Read an `.npz` or an `.npy` file.

    Args:
        path: Of the file.
        names: Those that are wanted, as far as it has them; all unless given.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is damaged, too large, or holds Python objects.
    """
    with path.open("rb") as file:
        try:
            return _loaded(file, names)
        except MemoryError as error:
            raise ValueError("it promises more numbers than the memory holds") from error
        except Exception as error:  # A damaged file raises whatever NumPy stumbles over.
            raise ValueError(str(error) or type(error).__name__) from error


_TRAINED = {
    "originals": (4, "u"),
    "reconstructions": (4, "u"),
    "features": (4, "u"),
    "picture_labels": (1, "iu"),
    "confusion": (2, "iu"),
    "latent": (2, "f"),
    "latent_labels": (1, "iu"),
}
"""How many dimensions the arrays have that a training leaves, and of which kind they are."""


def arrays_in(path: Path, names: Iterable[str]) -> Arrays:
    """Those of the arrays that a training left.

    None where the file is missing or torn; one is left out that is not as a training writes it.
    """
    with suppress(OSError, ValueError):
        found = read_arrays(path, names)
        return {name: array for name, array in found.items() if _is_trained(name, array)}
    return {}


def _is_trained(name: str, array: NDArray[np.generic]) -> bool:
    kind = "features" if name.startswith("features_") else name
    dimensions, kinds = _TRAINED.get(kind, (array.ndim, array.dtype.kind))
    return array.ndim == dimensions and array.dtype.kind in kinds


def _loaded(file: BinaryIO, names: Iterable[str] | None) -> Arrays:
    _check_size(file)
    found = np.load(file, allow_pickle=False)
    if isinstance(found, np.ndarray):
        return {SINGLE: found}
    with found:
        wanted = found.files if names is None else [name for name in names if name in found.files]
        return {name: found[name] for name in wanted}


def _check_size(file: BinaryIO) -> None:
    """A few thousand bytes may unpack to any number: the table of contents says to how many."""
    if is_zipfile(file):
        file.seek(0)
        with ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise ValueError(f"it holds {unpacked:,} bytes, the most is {MOST_UNPACKED:,}")
    file.seek(0)
