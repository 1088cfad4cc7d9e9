"""What a confusion matrix says: shares with intervals, and figures for each class."""

from collections.abc import Sequence
from math import sqrt

from autoae.analysis.ledger import Interval
from autoae.store.evaluations import ClassFigures

_NORMAL = 1.959964
"""The 97.5 % quantile of the normal distribution."""

Counts = Sequence[Sequence[int]]
"""Of (true class, predicted class)."""


def wilson(right: int, count: int) -> Interval:
    """Where a share lies of which so many of so many were seen, with 95 % confidence.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927: it stays
    within 0 and 1, and holds near both. It is about these images; another seed would add to it.
    """
    assert 0 <= right <= count > 0
    square, share = _NORMAL**2, right / count
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    reach = _NORMAL * sqrt(spread) / (1 + square / count)
    # The bounds are exact at the ends, where rounding would leave a trace.
    low, high = (middle - reach) if right else 0.0, (middle + reach) if right < count else 1.0
    return Interval(low, high)


def normalized(counts: Counts) -> tuple[tuple[float, ...], ...]:
    """Each row as shares of its true class; a class without images has shares of 0."""
    return tuple(tuple(_ratio(each, sum(row)) for each in row) for row in counts)


def class_figures(counts: Counts, names: Sequence[str]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each class.

    A class that is never predicted has a precision of 0, one without images a recall of 0.

    Args:
        counts: Of (true class, predicted class).
        names: Of the classes, in their order.
    """
    predicted = [sum(column) for column in zip(*counts, strict=True)]
    return tuple(
        _class(name, row[index], predicted[index], sum(row))
        for index, (name, row) in enumerate(zip(names, counts, strict=True))
    )


def macro(classes: Sequence[ClassFigures]) -> dict[str, float]:
    """The means of precision, recall and F1 over the classes, each class as much as another."""
    count = len(classes)
    return {
        "precision": sum(each.precision for each in classes) / count,
        "recall": sum(each.recall for each in classes) / count,
        "f1": sum(each.f1 for each in classes) / count,
    }


def _class(name: str, right: int, predicted: int, images: int) -> ClassFigures:
    precision, recall = _ratio(right, predicted), _ratio(right, images)
    return ClassFigures(name, images, precision, recall, _ratio(2 * right, predicted + images))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
