"""The idx format of MNIST and its relatives, plain or packed with gzip.

Two zero bytes, the type of the numbers (8: unsigned bytes), the number of dimensions, each
dimension as a big-endian 32-bit number, then the numbers, the last dimension running fastest.
"""

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from autoae.data.errors import DataError
from autoae.data.images import Bytes

_MOST = 4 * 2**30


def read_idx(file: Path, dimensions: int) -> Bytes:
    """Read a file of unsigned bytes.

    Args:
        file: Packed with gzip where its name ends in `.gz`.
        dimensions: How many the array must have: 3 for images, 1 for labels.

    Raises:
        DataError: It is damaged, truncated, too long, or something else.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as content:
            return _read(content, file, dimensions)  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(file, f"it cannot be read: {error}") from error


def _read(content: BinaryIO, file: Path, dimensions: int) -> Bytes:
    magic = content.read(4)
    if magic != bytes((0, 0, 8, dimensions)):
        raise _broken(
            file, f"it begins with {magic.hex() or 'nothing'} and not with 000008{dimensions:02x}"
        )
    header = content.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise _broken(file, "it ends within its header")
    shape = tuple(int(length) for length in np.frombuffer(header, ">u4"))
    size = prod(shape)
    if size > _MOST:
        raise _broken(file, f"it promises {size:,} bytes")
    numbers = content.read(size + 1)
    if len(numbers) != size:
        more = "more" if len(numbers) > size else f"{len(numbers):,}"
        raise _broken(file, f"it should hold {size:,} bytes after its header, there are {more}")
    return np.frombuffer(numbers, np.uint8).reshape(shape)


def _broken(file: Path, reason: str) -> DataError:
    return DataError(
        f"{file} is no intact idx file: {reason}",
        hint="delete the file and get it again, with `autoae data fetch` or from another machine",
    )
