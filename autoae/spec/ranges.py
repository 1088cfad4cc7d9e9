"""Ranges as a study file writes them: `{min, max, log, step}` or `{values: [...]}`."""

from decimal import Decimal
from math import isfinite

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest

MOST_STEPS = 10**9
"""Of a range with `step`."""

_INTERVAL = ("min", "max", "log", "step")


def is_range(node: object) -> bool:
    """Whether a node of the study file is a range rather than a constant or a section."""
    return isinstance(node, dict) and any(word in node for word in ("min", "max", "values"))


def parse_range(node: dict[str, Value], key: str) -> Domain:
    """Read a range.

    Raises:
        SpecError: A word is unknown or missing, or the interval is impossible.
    """
    known = ("values",) if "values" in node else _INTERVAL
    if "values" in node and {"min", "max"} & set(node):
        raise SpecError("a range has either `values` or `min` and `max`, not both", key=key)
    for word in node:
        if word not in known:
            raise SpecError(f"unknown word {word!r} in a range; {nearest(word, known)}", key=key)
    return _choices(node["values"], key) if "values" in node else _interval(node, key)


def _choices(values: Value, key: str) -> Choices:
    if not isinstance(values, list) or not values:
        raise SpecError("`values` must be a list of at least one value", key=key)
    choices = Choices(tuple(values))
    labels = [(type(label), label) for label in choices.labels]
    if len(set(labels)) < len(labels):
        raise SpecError("`values` names one value twice", key=key)
    return choices


def _interval(node: dict[str, Value], key: str) -> Domain:
    low, high = (_number(node.get(word), f"`{word}`", key) for word in ("min", "max"))
    log, step = node.get("log", False), node.get("step")
    if not isinstance(log, bool):
        raise SpecError(f"`log` must be true or false, not {log!r}", key=key)
    if low > high:
        raise SpecError(f"min {low} is above max {high}", key=key)
    if log and low <= 0:
        raise SpecError(f"a log range must start above 0, not at {low}", key=key)
    return _domain(low, high, log, None if step is None else _number(step, "`step`", key), key)


def _domain(low: float, high: float, log: bool, step: float | None, key: str) -> Domain:
    if step is not None and (step <= 0 or log):
        raise SpecError("`step` must be above 0 and cannot stand beside `log: true`", key=key)
    if step is not None and low < high < low + step:
        raise SpecError(f"step {step} is wider than the range from {low} to {high}", key=key)
    if step is not None and (high - low) / step > MOST_STEPS:
        raise SpecError(f"the range has more than {MOST_STEPS:,} steps of {step}", key=key)
    if not (isinstance(low, int) and isinstance(high, int)):
        return FloatRange(float(low), float(_last(low, high, step)), log, step)
    if step is not None and not isinstance(step, int):
        raise SpecError(f"`step` of a range of whole numbers must be one, not {step}", key=key)
    return IntRange(low, int(_last(low, high, step)), log, step or 1)


def _last(low: float, high: float, step: float | None) -> Decimal:
    """The highest value that whole steps from `low` reach; `high` where there is no step."""
    # In decimals, as they are written: in binary three steps of 0.1 go beyond 0.3.
    start, end = Decimal(str(low)), Decimal(str(high))
    return end if step is None else end - (end - start) % Decimal(str(step))


def _number(value: Value, word: str, key: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        found = "is missing" if value is None else f"must be a number, not {value!r}"
        raise SpecError(f"{word} {found}; a range reads {{min: 1, max: 8}}", key=key)
    if not isfinite(value):
        raise SpecError(f"{word} must be a finite number, not {value!r}", key=key)
    return value
