"""Durations as people write them: `90`, `90s`, `2m`, `1h`."""

import re

import typer

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def seconds(text: str) -> float:
    """Read a duration; a bare number means seconds.

    Raises:
        typer.BadParameter: It is no duration above zero.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    value = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if value <= 0:
        raise typer.BadParameter(f"{text!r} is no duration; write 90, 90s, 2m or 1h")
    return value
