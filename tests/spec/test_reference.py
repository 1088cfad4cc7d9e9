"""The reference of the study file lists every key as it is declared."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from autoae.spec.config import DataOptions, LossOptions, ModelOptions, TrainingOptions
from autoae.spec.encoders import encoders
from autoae.spec.metrics import COSTS, DERIVED, METRICS
from autoae.spec.settings import Limits, SearchOptions

REFERENCE = Path(__file__).parents[2] / "docs" / "study-file.md"
SECTIONS: dict[str, type[BaseModel]] = {
    "data": DataOptions,
    "model": ModelOptions,
    "loss": LossOptions,
    "training": TrainingOptions,
    "limits": Limits,
    "search": SearchOptions,
}


def rows(prefix: str, section: type[BaseModel]) -> Iterator[str]:
    for name, field in section.model_fields.items():
        default = "" if field.is_required() else _written(field.get_default())
        yield f"| `{prefix}.{name}` | {default} | {field.description} |"


def _written(default: object) -> str:
    if default is None:
        return ""
    # Not by equality: 0 is False to Python, and a seed of 0 is no switch.
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{list(default) if isinstance(default, tuple) else text}`"


def expected() -> list[str]:
    found = [row for name, section in SECTIONS.items() for row in rows(name, section)]
    for kind, options in encoders().items():
        found += rows(f"model.encoder ({kind})", options)
    for metric in {**METRICS, **COSTS, **DERIVED}.values():
        found.append(f"| `{metric.name}` | {metric.direction} | {metric.meaning} |")
    return found


@pytest.mark.parametrize("row", expected())
def test_the_reference_has_the_row(row: str) -> None:
    assert row in REFERENCE.read_text(encoding="utf-8").splitlines()
