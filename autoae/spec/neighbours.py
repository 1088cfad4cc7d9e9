"""Values of a range near a given one."""

from collections.abc import Iterator
from math import ceil, exp, floor, log, sqrt

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value

_DIGITS = 3
"""Significant digits of a level: enough for a knob, and short in a study file."""


def neighbours(domain: Domain, value: Value, levels: int) -> tuple[Value, ...]:
    """Values to compare a value with.

    Of choices all others. Of an interval they divide the way from the value to either end evenly,
    on the scale of the interval: with two levels, one half-way down and one half-way up (between
    1e-4 and 1e-1, the neighbours of 1e-2 are 1e-3 and 3.16e-2). Where the value is at an end, all
    of them are on the other side.

    Args:
        domain: Where the values lie.
        value: One of them.
        levels: How many of an interval; fewer where whole numbers or steps give no more.

    Returns:
        Ascending, of an interval.
    """
    if isinstance(domain, Choices):
        return tuple(each for each in domain.values if repr(each) != repr(value))
    assert isinstance(value, int | float)
    found = {_placed(domain, value, point) for point in _points(domain, value, levels)}
    return tuple(sorted(found - {value}))


def middle(domain: Domain) -> Value:
    """The middle of an interval on its scale; the first of several values."""
    if isinstance(domain, Choices):
        return domain.values[0]
    value = sqrt(domain.low * domain.high) if domain.log else (domain.low + domain.high) / 2
    if domain.step is not None and not domain.log:
        value = domain.low + round((value - domain.low) / domain.step) * domain.step
    return round(value) if isinstance(domain, IntRange) else float(f"{value:.6g}")


def _points(domain: FloatRange | IntRange, value: float, levels: int) -> Iterator[float]:
    """So many points on either side, on the scale of the interval, as real numbers."""
    low, here, high = (_scaled(domain, each) for each in (domain.low, value, domain.high))
    below = 0 if here <= low else levels if here >= high else levels // 2
    for end, count in ((low, below), (high, levels - below)):
        for step in range(1, count + 1):
            point = here + (end - here) * step / (count + 1)
            yield exp(point) if domain.log else point


def _scaled(domain: FloatRange | IntRange, value: float) -> float:
    return log(value) if domain.log else value


def _placed(domain: FloatRange | IntRange, value: float, point: float) -> int | float:
    """The value of the interval next to a point, rounded away from what it is compared with."""
    step = domain.step or 0
    if step:
        steps = (point - domain.low) / step
        point = domain.low + step * (floor(steps + 1e-9) if point < value else ceil(steps - 1e-9))
    if isinstance(domain, IntRange):
        return min(max(round(point), domain.low), domain.high)
    return min(max(float(f"{point:.{_DIGITS}g}"), domain.low), domain.high)
