"""How a parameter's value is told apart from others."""

import json
from collections.abc import Mapping

from autoae.spec.domains import Value

Key = tuple[str, float | str]
"""What two equal values have in common: `true` is not 1, but 1 is 1.0."""

SEED = "seed"
VARIANT = "variant"


def key_of(value: Value) -> Key:
    """What makes the value itself, whether it is the value or the label that Optuna keeps."""
    match value:
        case bool() | None:
            return ("word", json.dumps(value))
        case int() | float():
            return ("number", float(value))
        case str():
            return ("text", value)
        case _:
            return ("text", json.dumps(value))


def without_seed(params: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters that a seed leaves alone."""
    return {name: value for name, value in params.items() if name != SEED}
