"""Knobs on an axis: where each value stands, and what its ticks say."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.store.snapshot import TrialSnapshot

_GOLDEN = 0.6180339887


@dataclass(frozen=True)
class Knob:
    """A parameter as an axis.

    Attributes:
        name: The dotted name of the parameter.
        low: Position of its smallest value, or of its first choice.
        high: Position of its largest value, or of its last choice.
        ticks: Positions with their labels, plain text.
        domain: What it is searched over.
    """

    name: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    domain: Domain

    def position(self, value: Value) -> float | None:
        """Where a value stands; None for one that the domain does not know."""
        if isinstance(self.domain, Choices):
            return _index(self.domain, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return _scaled(value, self.domain)

    def fraction(self, value: Value) -> float | None:
        """Where a value stands between both ends, from 0 to 1 (beyond, if the range was wider)."""
        position = self.position(value)
        if position is None:
            return None
        return (position - self.low) / (self.high - self.low) if self.high > self.low else 0.5

    @property
    def is_choice(self) -> bool:
        """Whether it has a few single values, so that points on one of them may be spread."""
        if isinstance(self.domain, IntRange):
            return not self.domain.log and len(self.ticks) > self.high - self.low
        return isinstance(self.domain, Choices)


def knob(name: str, domain: Domain) -> Knob:
    """The axis of a parameter."""
    if isinstance(domain, Choices):
        texts = [value_text(value) for value in domain.values]
        ticks = tuple((float(index), text) for index, text in enumerate(texts))
        return Knob(name, 0.0, float(len(ticks) - 1), ticks, domain)
    low, high = _scaled(domain.low, domain), _scaled(domain.high, domain)
    return Knob(name, low, high, tuple(_ticks(domain)), domain)


def varied(trials: Iterable[TrialSnapshot], domains: dict[str, Domain]) -> list[Knob]:
    """The knobs that took more than one value, in the order of the study file; seeds are none."""
    known = tuple(trials)
    return [
        knob(name, domain)
        for name, domain in domains.items()
        if name != "seed" and len({repr(trial.params.get(name)) for trial in known}) > 1
    ]


def spread(number: int) -> float:
    """A number from -0.5 to 0.5 that tells trials of one value apart, always the same one."""
    return (number * _GOLDEN) % 1.0 - 0.5


def _index(domain: Choices, value: Value) -> float | None:
    labels = domain.labels
    for index, (known, label) in enumerate(zip(domain.values, labels, strict=True)):
        if repr(value) in (repr(known), repr(label)):
            return float(index)
    return None


def _scaled(value: float, domain: FloatRange | IntRange) -> float:
    return math.log10(value) if domain.log and value > 0 else float(value)


def _ticks(domain: FloatRange | IntRange) -> list[tuple[float, str]]:
    """Both ends and what is round between them."""
    low, high = domain.low, domain.high
    inner = _magnitudes(low, high) if domain.log else _quarters(domain)
    values = dict.fromkeys([low, *inner, high])
    return [(_scaled(value, domain), _label(value)) for value in values]


def _magnitudes(low: float, high: float) -> list[float]:
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    found = [10.0**power for power in powers]
    # One that stands beside an end would be printed over it.
    return [value for value in found if value / low > 1.8 and high / value > 1.8]


def _quarters(domain: FloatRange | IntRange) -> list[float]:
    low, high = domain.low, domain.high
    if isinstance(domain, IntRange):
        return [] if high - low > 8 else [float(v) for v in range(domain.low, domain.high + 1)]
    return [(low + high) / 2]


def _label(value: float) -> str:
    return value_text(float(f"{value:.3g}"))
