"""A found data set, decoded to one size, in runs that fit into memory."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from autoae.data.images import Bytes
from autoae.data.source import Originals, Pictures
from autoae.data.transform import transformed
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError

_RUN_BYTES = 8 * 2**20
_RUN_IMAGES = 64


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads the images of a data set, training first, then test, all of one shape.

    Attributes:
        originals: The images as they are found.
        options: Resizing and cropping.
        shape: (C, H, W) of the first image, and so of all.
    """

    originals: Originals
    options: DataOptions
    shape: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.originals.train) + len(self.originals.test)

    def runs(self) -> Iterator[Bytes]:
        """The images, decoded by several threads, as arrays (n, C, H, W) in order."""
        threads = os.cpu_count() or 1
        size = max(1, min(_RUN_IMAGES, _RUN_BYTES // int(np.prod(self.shape))))
        with ThreadPoolExecutor(threads) as pool:
            # Only so many runs at once as there are threads: the results wait in memory.
            for start in range(0, len(self), size * threads):
                stop = min(start + size * threads, len(self))
                yield from pool.map(self._run(size, stop), range(start, stop, size))

    def _run(self, size: int, end: int) -> Callable[[int], Bytes]:
        return lambda start: np.stack(
            [self._read(row) for row in range(start, min(start + size, end))]
        )

    def _read(self, row: int) -> Bytes:
        split, row = _split_of(self.originals, row)
        image = _channels_first(transformed(split.read(row), self.options, split.describe(row)))
        if image.shape != self.shape:
            raise self._different(image.shape, split.describe(row))
        return image

    def _different(self, shape: tuple[int, ...], origin: str) -> SpecError:
        first = self.originals.train.describe(0)
        missing = "resize" if self.options.resize is None else "center_crop"
        return SpecError(
            f"the images have different sizes: {first} has {_size(self.shape)} pixels, "
            f"{origin} {_size(shape)}",
            hint="set data.resize and data.center_crop, so that all become squares of one size",
            key=f"data.{missing}",
        )


def reader(originals: Originals, options: DataOptions) -> Reader:
    """Prepare to read a data set; the first image says which shape all must have.

    Raises:
        DataError: The first image cannot be read.
        SpecError: The crop is larger than it.
    """
    first = originals.train
    image = transformed(first.read(0), options, first.describe(0))
    height, width, channels = image.shape
    return Reader(originals, options, (channels, height, width))


def _split_of(originals: Originals, row: int) -> tuple[Pictures, int]:
    count = len(originals.train)
    return (originals.train, row) if row < count else (originals.test, row - count)


def _channels_first(image: Bytes) -> Bytes:
    return image.transpose(2, 0, 1)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[2]}"
