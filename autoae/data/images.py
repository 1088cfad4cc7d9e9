"""What the data room hands out: images as bytes, their labels, and the facts about them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Facts:
    """A data set in numbers.

    Attributes:
        name: As it is shown; a copy that is not the original says so, "cifar10 (JPEG copy)".
        shape: Channels, height and width in pixels, after `resize` and `center_crop`.
        classes: The names of the classes; a label is an index into them.
        train: Training images, before validation is held out and before any limit.
        test: Test images.
        counted: Whether an image may hold several objects: its label is then how many of each
            class, not its class.
    """

    name: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train: int
    test: int
    counted: bool = False


@dataclass(frozen=True)
class Normalization:
    """What is done to 0-1 images before a network sees them.

    Attributes:
        mean: Of each channel, subtracted.
        deviation: Of each channel, divided by.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Split:
    """The images that serve one purpose.

    Attributes:
        images: (N, C, H, W), read-only, mapped from the cache: shared by all processes and,
            for training and validation, by both splits.
        labels: One a row of `images`: its class, (N,), or how many of each class it holds,
            (N, classes).
        indices: The rows that belong to this split, ascending; a row that stands there twice
            is trained on twice an epoch.
    """

    images: Bytes
    labels: Integers
    indices: Integers

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, eq=False)
class ImageData:
    """A data set ready for training.

    Attributes:
        facts: The data set in numbers.
        train: What is trained on.
        validation: What is selected on, held out of the training images.
        test: What is looked at last.
        mean: (C,) in 0-1 units, subtracted; zeros where nothing is normalised.
        std: (C,) in 0-1 units, divided by; ones where nothing is normalised.
    """

    facts: Facts
    train: Split
    validation: Split
    test: Split
    mean: Floats
    std: Floats


def groups_of(labels: Integers) -> Integers:
    """One number an image, (N,): its class, or how many objects it holds.

    Args:
        labels: (N,) or (N, classes).
    """
    return labels if labels.ndim == 1 else labels.sum(axis=1)
