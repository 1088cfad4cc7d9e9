"""Values of parameters as text, the same in every table and figure."""

import json

from autoae.spec.domains import Value


def value_text(value: Value) -> str:
    """A value as a study file has it: `true`, `0.001`, `1e-5`, `relu`."""
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")
    return value if isinstance(value, str) else json.dumps(value)
