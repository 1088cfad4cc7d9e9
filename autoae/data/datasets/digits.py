"""Scikit-learn's bundled images of handwritten digits: small, and on every machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from autoae.data.images import Bytes, Facts
from autoae.data.source import Originals, Source, pictures_of
from autoae.data.splits import held_out
from autoae.spec.config import DataOptions

_TEST = 360
_BRIGHTEST = 16
_KNOWN = Facts("digits", (1, 8, 8), tuple("0123456789"), 1797 - _TEST, _TEST)


@dataclass(frozen=True)
class Digits:
    """1,797 grey images of 8 x 8 pixels; 360 of them, stratified, are for the test."""

    name: str = "digits"
    summary: str = "handwritten digits, bundled with scikit-learn"
    known: Facts = _KNOWN
    takes_path: bool = False

    def find(self, options: DataOptions) -> Source:  # noqa: ARG002
        """They come with scikit-learn."""
        release = version("scikit-learn")
        return Source(self.name, f"scikit-learn {release}", release, _opened)

    def fetch(self, root: Path) -> None:
        """There is nothing to download."""


DIGITS = Digits()


@contextmanager
def _opened() -> Iterator[Originals]:
    # Half a second to import, needed only when the cache is built.
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images, labels = to_bytes(bunch.images)[..., None], bunch.target.astype(np.int64)
    train, test = (
        pictures_of(images[rows], labels[rows], "scikit-learn's digits")
        for rows in held_out(labels, _TEST)
    )
    yield Originals(_KNOWN.classes, train, test)


def to_bytes(sixteenths: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Bytes:
    """Scale from 0-16 to 0-255, rounded."""
    return np.rint(sixteenths * 255 / _BRIGHTEST).astype(np.uint8)
