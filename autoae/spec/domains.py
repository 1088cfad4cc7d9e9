"""What a leaf of the study file may be searched over."""

import json
from dataclasses import dataclass

from pydantic import JsonValue

Value = JsonValue
"""Anything that a leaf of a YAML file can hold."""


@dataclass(frozen=True)
class FloatRange:
    """Real numbers from `low` to `high`, both included."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def ends(self) -> tuple[Value, ...]:
        """The values that must be allowed for every value between to be allowed."""
        return (self.low, self.high)


@dataclass(frozen=True)
class IntRange:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @property
    def ends(self) -> tuple[Value, ...]:
        """The values that must be allowed for every value between to be allowed."""
        return (self.low, self.high)


@dataclass(frozen=True)
class Choices:
    """One of several values; the first is the baseline of an ablation."""

    values: tuple[Value, ...]

    @property
    def ends(self) -> tuple[Value, ...]:
        """Every value: none follows from the others."""
        return self.values

    @property
    def labels(self) -> tuple[bool | int | float | str | None, ...]:
        """The values as Optuna can keep them: lists and mappings become JSON text."""
        return tuple(
            json.dumps(value) if isinstance(value, list | dict) else value for value in self.values
        )

    def value_of(self, label: object) -> Value:
        """The value behind a label.

        Raises:
            ValueError: No value has that label.
        """
        for value, known in zip(self.values, self.labels, strict=True):
            if known == label and isinstance(known, bool) == isinstance(label, bool):
                return value
        raise ValueError(f"{label!r} is none of {list(self.labels)}")


Domain = FloatRange | IntRange | Choices
