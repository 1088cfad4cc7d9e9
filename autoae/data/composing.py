"""Images composed of others: several on one canvas, at random places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoae.data.images import Bytes, Integers
from autoae.data.source import Pictures
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError

_RESTARTS = 20
"""Layouts begun at random before a tight canvas is filled by a grid."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """How parts are laid on a canvas.

    Attributes:
        side: Of the canvas, pixels.
        part: Side of each part, pixels.
        overlap: Whether parts may lie over each other.
    """

    side: int
    part: int
    overlap: bool

    def layout(self, count: int, random: np.random.Generator) -> Integers:
        """Random places, (count, 2): the row and column of each part's upper left corner.

        Without overlap each part has every place that those before it leave free, with equal
        chance. Where they leave none, all begin anew; after 20 times they stand in a grid.
        """
        if self.overlap:
            return random.integers(0, self._places, (count, 2))
        for _ in range(_RESTARTS):
            corners = self._scattered(count, random)
            if len(corners) == count:
                return corners
        return self._grid(count, random)

    @property
    def _places(self) -> int:
        """Places of a corner in each direction."""
        return self.side - self.part + 1

    def _scattered(self, count: int, random: np.random.Generator) -> Integers:
        """One part after the other; fewer than asked for where there is no room left."""
        free = np.ones((self._places, self._places), bool)
        corners: list[tuple[int, int]] = []
        while len(corners) < count and free.any():
            top, left = divmod(int(random.choice(np.flatnonzero(free))), self._places)
            corners.append((top, left))
            near = (slice(max(0, at - self.part + 1), at + self.part) for at in (top, left))
            free[tuple(near)] = False
        return np.array(corners, np.int64).reshape(-1, 2)

    def _grid(self, count: int, random: np.random.Generator) -> Integers:
        """Each part somewhere in a cell of its own."""
        cells = self.side // self.part
        size = self.side // cells
        chosen = random.permutation(cells**2)[:count]
        corners = np.stack(np.divmod(chosen, cells), axis=1) * size
        return corners + random.integers(0, size - self.part + 1, (count, 2))


@dataclass(frozen=True, eq=False)
class Composition:
    """Which parts stand where on each image.

    Attributes:
        canvas: How they are laid.
        parts: Where they come from; each is used once at most, so that no two images have one
            in common, and no two splits.
        rows: Of the parts, one array an image.
        corners: Their places, (parts, 2) an image.
    """

    canvas: Canvas
    parts: Pictures
    rows: Sequence[Integers]
    corners: Sequence[Integers]

    def read(self, image: int) -> Bytes:
        """One image, (side, side, 1); where parts overlap the brighter pixel shows."""
        side, part = self.canvas.side, self.canvas.part
        pixels = np.zeros((side, side, 1), np.uint8)
        for row, (top, left) in zip(self.rows[image], self.corners[image], strict=True):
            window = pixels[top : top + part, left : left + part]
            np.maximum(window, self.parts.read(row), out=window)
        return pixels

    def counts(self, classes: int) -> Integers:
        """How many parts of each class each image holds, (images, classes)."""
        found = np.zeros((len(self.rows), classes), np.int64)
        for image, rows in enumerate(self.rows):
            np.add.at(found[image], self.parts.labels[rows], 1)
        return found

    def pictures(self, classes: int) -> Pictures:
        """The images as a data set has them, with counts for labels."""
        return Pictures(self.counts(classes), self.read, lambda image: f"composed image {image}")


def compose(parts: Pictures, images: int, options: DataOptions, split: int) -> Composition:
    """Choose parts and places for some images; the same options choose the same.

    Args:
        parts: What to compose of, square and all of one size.
        images: How many to make; as many of each number of parts, give or take one.
        options: The `data` section of the study.
        split: Another number draws other images.

    Raises:
        SpecError: There are too few parts to use each once.
    """
    random = np.random.default_rng([options.compose_seed, split])
    numbers = random.permutation(np.resize(np.array(options.digits, np.int64), images))
    needed = int(numbers.sum())
    if needed > len(parts):
        raise SpecError(
            f"{images:,} images need {needed:,} digits, and there are {len(parts):,} to use once",
            hint="lower data.images, or the number of digits in data.digits",
            key="data.images",
        )
    canvas = Canvas(options.canvas, len(parts.read(0)), options.overlap)
    rows = np.split(random.permutation(len(parts))[:needed], np.cumsum(numbers)[:-1])
    corners = [canvas.layout(int(number), random) for number in numbers]
    return Composition(canvas, parts, rows, corners)
