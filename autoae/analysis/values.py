"""Values of parameters as text, the same in every table and figure."""

import json

from autoae.spec.domains import Choices, Domain, Value


def value_text(value: Value) -> str:
    """A value as a study file has it: `true`, `0.001`, `1e-5`, `relu`."""
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")
    return value if isinstance(value, str) else json.dumps(value)


def listed_text(value: Value) -> str:
    """A value as text, a list as a sum."""
    if isinstance(value, list):
        return " + ".join(value_text(each) for each in value) or "none"
    return value_text(value)


def range_text(domain: Domain) -> str:
    """What a parameter may be, in words."""
    if isinstance(domain, Choices):
        return ", ".join(listed_text(value) for value in domain.values)
    step = f", step {domain.step}" if domain.step not in (None, 1) else ""
    ends = f"{listed_text(domain.low)} to {listed_text(domain.high)}"
    return f"{ends}{step}{', log' if domain.log else ''}"
