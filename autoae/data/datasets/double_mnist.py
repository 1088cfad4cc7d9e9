"""Double MNIST: none, one, two or more digits of MNIST on a larger image."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autoae.data.composing import compose
from autoae.data.datasets.mnist import MNIST
from autoae.data.images import Facts
from autoae.data.source import DataSet, Originals, Source
from autoae.spec.composition import COMPOSED
from autoae.spec.config import DataOptions

_LAYOUT = 1
"""Another number composes anew, where the same options would now draw something else."""

_TEST_SHARE = 6


@dataclass(frozen=True)
class DoubleMnist:
    """Composed of MNIST when it is first loaded, training images of its training digits.

    The labels say how many of each digit an image holds. No digit is used twice, so training,
    validation and test images have none in common.

    Attributes:
        name: As study files say it.
        summary: One line for `autoae data list`.
        known: Nothing, for its options decide.
        takes_path: It does not.
        digits: What it is composed of.
    """

    name: str = COMPOSED
    summary: str = "several handwritten digits on an image, composed of mnist"
    known: Facts | None = None
    takes_path: bool = False
    digits: DataSet = MNIST

    def find(self, options: DataOptions) -> Source:
        """Find the digits."""
        found = self.digits.find(options)
        return Source(
            self.name, found.place, _fingerprint(found, options), partial(_opened, found, options)
        )

    def fetch(self, root: Path) -> None:
        """Download the digits."""
        self.digits.fetch(root)


def _fingerprint(found: Source, options: DataOptions) -> str:
    chosen = options.model_dump(
        mode="json", include={"digits", "canvas", "overlap", "images", "compose_seed"}
    )
    return json.dumps([_LAYOUT, found.fingerprint, chosen], sort_keys=True)


@contextmanager
def _opened(found: Source, options: DataOptions) -> Iterator[Originals]:
    test_images = max(1, options.images // _TEST_SHARE)
    with found.open() as digits:
        classes = len(digits.classes)
        train = compose(digits.train, options.images, options, split=0)
        test = compose(digits.test, test_images, options, split=1)
        yield Originals(digits.classes, train.pictures(classes), test.pictures(classes))


DOUBLE_MNIST = DoubleMnist()
