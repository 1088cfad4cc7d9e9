"""JSON that others wrote, or that was damaged: whatever is wrong with it is a ValueError."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 (as `json.loads`)
    """Read a text as JSON.

    Raises:
        ValueError: It is none, is no UTF-8, or is nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def mapping_in(path: Path) -> dict[str, object]:
    """The mapping that a file holds; empty where it is missing, damaged or anything else."""
    with suppress(OSError, ValueError):
        found = read_json(path.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}
