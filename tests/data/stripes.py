"""A data set as another package would add it: one file, one object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoae.data import DataError, Originals, Source
from autoae.data.source import pictures_of
from autoae.spec.config import DataOptions


@dataclass(frozen=True)
class Stripes:
    """Horizontal and vertical stripes."""

    name: str = "stripes"
    summary: str = "stripes"
    known: None = None
    takes_path: bool = False

    def find(self, options: DataOptions) -> Source:  # noqa: ARG002
        return Source("stripes", "made on the fly", "1", opened)

    def fetch(self, root: Path) -> None:  # noqa: ARG002
        raise DataError("nothing to download")


@contextmanager
def opened() -> Iterator[Originals]:
    lines = np.tile(np.arange(6, dtype=np.uint8) * 50, (20, 5, 1))[..., None]
    labels = np.arange(20, dtype=np.int64) % 2
    yield Originals(
        ("across", "down"),
        pictures_of(lines, labels, "stripes"),
        pictures_of(lines[:4], labels[:4], "stripes"),
    )


STRIPES = Stripes()
