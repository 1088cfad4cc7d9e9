"""A searched parameter, cut into the levels that are compared."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autoae.analysis.effects.arrays import Indices, Numbers
from autoae.analysis.effects.values import key_of
from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.space import size

CELLS = 24
"""Cells into which a continuous range is cut, eight to each third."""

_COUNTABLE = 64
_AS_LEVELS = 4


@dataclass(frozen=True)
class Knob:
    """A parameter as cells of equal or known probability, grouped into levels.

    Attributes:
        name: Of the parameter.
        domain: What it is searched over.
        levels: The levels as shown; effects are against the first.
        level_of: Of each cell, of shape (cells,).
        weights: The probability of each cell in the uniform space, of shape (cells,).
        positions: Of each cell from 0 to 1 along the (log) range; None where it has no order.
        countable: Whether each cell is a value.
    """

    name: str
    domain: Domain
    levels: tuple[str, ...]
    level_of: Indices
    weights: Numbers
    positions: Numbers | None
    countable: bool

    @property
    def has_line(self) -> bool:
        """Whether its levels are parts of a range rather than its values."""
        return len(self.levels) < len(self.weights)

    def cell_of(self, value: Value) -> int:
        """The cell of a value; -1 where the domain has none for it."""
        if isinstance(self.domain, Choices):
            keys = [key_of(label) for label in self.domain.labels]
            return keys.index(key_of(value)) if key_of(value) in keys else -1
        if isinstance(value, bool) or not isinstance(value, int | float):
            return -1
        assert self.positions is not None
        place = _place(self.domain, value)
        if not self.countable:
            return min(CELLS - 1, max(0, math.floor(place * CELLS)))
        return int(np.argmin(np.abs(self.positions - place)))


def knob_of(name: str, domain: Domain) -> Knob:
    """The levels of a domain.

    Every choice is a level, and every value of a whole range of four at most; any other range
    is cut into its lower, middle and upper third, on its own (log) scale.
    """
    if isinstance(domain, Choices):
        labels = tuple(value_text(value) for value in domain.values)
        return _of_levels(name, domain, labels, None)
    count = size(domain)
    if count is None or count > _COUNTABLE:
        return _continuous(name, domain)
    numbers = _numbers(domain, count)
    if count <= _AS_LEVELS:
        places = np.array([_place(domain, number) for number in numbers])
        return _of_levels(name, domain, tuple(map(_short, numbers)), places)
    return _countable(name, domain, numbers)


def _of_levels(
    name: str, domain: Domain, labels: tuple[str, ...], positions: Numbers | None
) -> Knob:
    count = len(labels)
    weights = np.full(count, 1 / count) if positions is None else _measure(domain, count)
    return Knob(name, domain, labels, np.arange(count), weights, positions, True)


def _countable(name: str, domain: FloatRange | IntRange, numbers: tuple[float, ...]) -> Knob:
    weights = _measure(domain, len(numbers))
    thirds = np.floor(3 * (np.cumsum(weights) - weights / 2)).astype(np.int64)
    groups = [[n for n, third in zip(numbers, thirds, strict=True) if third == t] for t in range(3)]
    labels = tuple(
        _short(group[0]) if len(group) == 1 else f"{_short(group[0])} to {_short(group[-1])}"
        for group in groups
    )
    places = np.array([_place(domain, number) for number in numbers])
    return Knob(name, domain, labels, thirds, weights, places, True)


def _continuous(name: str, domain: FloatRange | IntRange) -> Knob:
    edges = [_short(_at(domain, third / 3)) for third in range(4)]
    labels = tuple(f"{low} to {high}" for low, high in pairwise(edges))
    thirds = np.arange(CELLS, dtype=np.int64) * 3 // CELLS
    places = (np.arange(CELLS) + 0.5) / CELLS
    return Knob(name, domain, labels, thirds, np.full(CELLS, 1 / CELLS), places, False)


def _numbers(domain: FloatRange | IntRange, count: int) -> tuple[float, ...]:
    step = domain.step or 1
    return tuple(domain.low + step * index for index in range(count))


def _measure(domain: Domain, count: int) -> Numbers:
    """The probability of each value as Optuna draws uniformly.

    Whole values on a log scale stand for the half unit around them.
    """
    assert not isinstance(domain, Choices)
    numbers = np.array(_numbers(domain, count))
    if not domain.log:
        return np.full(count, 1 / count)
    spans = np.log((numbers + 0.5) / (numbers - 0.5))
    return np.asarray(spans / spans.sum())


def _ends(domain: FloatRange | IntRange) -> tuple[float, float]:
    margin = 0.5 * domain.step if isinstance(domain, IntRange) else 0.0
    return domain.low - margin, domain.high + margin


def _place(domain: FloatRange | IntRange, value: float) -> float:
    """Where a value lies along its (log) range, from 0 to 1."""
    low, high = _ends(domain)
    inside = min(max(value, low), high)
    if domain.log:
        return math.log(inside / low) / math.log(high / low) if high > low else 0.0
    return (inside - low) / (high - low) if high > low else 0.0


def _at(domain: FloatRange | IntRange, place: float) -> float:
    low, high = domain.low, domain.high
    return low * (high / low) ** place if domain.log else low + place * (high - low)


def _short(number: float) -> str:
    return value_text(float(f"{number:.4g}"))
