"""Images between images: SMOTE makes up what small classes lack.

Chawla, Bowyer, Hall and Kegelmeyer, 2002, "SMOTE: Synthetic Minority Over-sampling Technique",
through imbalanced-learn. What was made is kept in the cache of decoded images, for all processes.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np

from autoae.data.cache import Decoded, decoded
from autoae.data.errors import DataError
from autoae.data.images import Bytes, Integers
from autoae.data.source import Originals, Source, pictures_of
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from autoae.spec.sampling import INSTALL, has_smote

_LAYOUT = 1
"""Another number makes images anew, where the same options would now make others."""

_SEED = 20_020_601
_NEIGHBOURS = 5


def enlarged(cached: Decoded, rows: Integers, dataset: str) -> Decoded:
    """Training images, and behind them those that make every class as large as the largest.

    Args:
        cached: The data set.
        rows: The images to begin with, each of a single class.
        dataset: The name of the data set.

    Raises:
        DataError: The package is not installed, or the cache cannot be written.
        SpecError: A class has too few images.
    """
    name, digest = f"{cached.facts.name} with SMOTE", hashlib.sha256(rows.tobytes()).hexdigest()
    mark = json.dumps([_LAYOUT, _SEED, cached.entry, digest])
    return decoded(
        f"{dataset}-smote", Source(name, name, mark, partial(_opened, cached, rows)), DataOptions()
    )


@contextmanager
def _opened(cached: Decoded, rows: Integers) -> Iterator[Originals]:
    images, labels = cached.images[rows], cached.labels[rows]
    made, classes = synthetic(images, labels, cached.facts.classes)
    together = np.concatenate([images, made]).transpose(0, 2, 3, 1)
    pictures = pictures_of(together, np.concatenate([labels, classes]), "SMOTE")
    yield Originals(cached.facts.classes, pictures, pictures_of(together[:0], labels[:0], "SMOTE"))


def synthetic(images: Bytes, labels: Integers, classes: tuple[str, ...]) -> tuple[Bytes, Integers]:
    """What SMOTE adds: points at random between an image and one of its nearest of the class.

    Nearest of five, by the distance of the pixels, on images between 0 and 1. The same images
    give the same.

    Args:
        images: (N, C, H, W).
        labels: (N,).
        classes: The names of the classes.

    Returns:
        As many images of each class as it lacks beside the largest, and their labels.

    Raises:
        DataError: The package is not installed.
        SpecError: A class has too few images to have five neighbours.
    """
    if not has_smote():
        raise DataError("SMOTE needs the package imbalanced-learn", hint=INSTALL)
    counts = np.bincount(labels, minlength=len(classes))
    small = [label for label in np.unique(labels) if counts[label] < counts.max()]
    if not small:
        return images[:0], labels[:0]
    _check_counts(counts, small, classes)
    # Neighbours are of the same class, so of the large classes one is enough, as the measure.
    used = np.isin(labels, [*small, counts.argmax()])
    return _interpolated(images[used], labels[used])


def _interpolated(images: Bytes, labels: Integers) -> tuple[Bytes, Integers]:
    # Seconds to import, and needed only when the cache is built.
    from imblearn.over_sampling import SMOTE

    count = len(images)
    flat = images.reshape(count, -1).astype(np.float32) / 255
    smote = SMOTE(k_neighbors=_NEIGHBOURS, random_state=_SEED)
    pixels, classes = smote.fit_resample(flat, labels)
    levels = np.rint(pixels[count:] * 255).astype(np.uint8)
    return levels.reshape(-1, *images.shape[1:]), classes[count:]


def _check_counts(counts: Integers, small: list[int], classes: tuple[str, ...]) -> None:
    least = min(small, key=lambda label: int(counts[label]))
    if counts[least] <= _NEIGHBOURS:
        raise SpecError(
            f"`smote` needs {_NEIGHBOURS + 1} images of each class, an image and its "
            f"{_NEIGHBOURS} neighbours; {classes[least]!r} has {counts[least]}",
            hint="set `oversample`, or train on more images",
            key="data.resample",
        )
