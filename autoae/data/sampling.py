"""Which of the training images are trained on: classes constrained, and made equally frequent.

As the splits, all of this follows from the labels and one fixed order, never from the seed of a
training; a smaller share of a class is a part of a larger one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

from autoae.data.images import Integers
from autoae.data.splits import stratified_order
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest


def constrained_classes(options: DataOptions, classes: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the classes that `data.constrained` names.

    Args:
        options: The `data` section of the study.
        classes: The names of all classes; a number that is a name as well counts as the name.

    Raises:
        SpecError: There is no such class.
    """
    return tuple(_number(each, classes) for each in options.constrained)


def _number(named: str | int, classes: Sequence[str]) -> int:
    if str(named) in classes:
        return classes.index(str(named))
    if isinstance(named, int) and named < len(classes):
        return named
    raise SpecError(
        f"there is no class {named!r}; {nearest(str(named), classes)}",
        hint=f"classes have names, and numbers from 0 to {len(classes) - 1}",
        key="data.constrained",
    )


def constrained(
    rows: Integers, labels: Integers, classes: Collection[int], share: float
) -> Integers:
    """Keep a share of the images of some classes, and one at least.

    Args:
        rows: The images to choose from.
        labels: (N,), the class of every image, of other rows as well.
        classes: That lose images.
        share: What is kept of each, above 0 and at most 1.

    Returns:
        The rows that stay, ascending.
    """
    kept = [
        found[: max(1, round(share * len(found)))] if label in classes else found
        for label, found in _by_class(rows, labels).items()
    ]
    return np.sort(np.concatenate(kept))


def undersampled(rows: Integers, labels: Integers) -> Integers:
    """As many images of each class as the smallest has; arguments as of `constrained`."""
    return _resized(rows, labels, min)


def oversampled(rows: Integers, labels: Integers) -> Integers:
    """As many of each class as the largest has, by repetition.

    Each image of a class stands there as often as any other, give or take one. Arguments as of
    `constrained`.
    """
    return _resized(rows, labels, max)


def _resized(rows: Integers, labels: Integers, choose: Callable[[Iterable[int]], int]) -> Integers:
    classes = _by_class(rows, labels).values()
    size = choose(map(len, classes))
    # What is asked for beyond the end begins again.
    return np.sort(np.concatenate([np.resize(found, size) for found in classes]))


def _by_class(rows: Integers, labels: Integers) -> dict[int, Integers]:
    """The rows of each class, in the fixed order."""
    ordered = rows[stratified_order(labels[rows])]
    return {int(label): ordered[labels[ordered] == label] for label in np.unique(labels[rows])}
