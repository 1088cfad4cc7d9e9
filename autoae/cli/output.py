"""The one sink of every command: data to stdout, for people or as JSON; narration to stderr."""

import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from autoae.cli.errors import Report

Plain = bool | int | float | str | None | list["Plain"] | dict[str, "Plain"]
"""What JSON can say."""

PIPE_WIDTH = 200
"""Columns where stdout is no terminal, so that nothing is cut in a file."""


def show(data: object, human: "Callable[[], RenderableType]", *, as_json: bool) -> None:
    """Print data to stdout: as JSON, or as people read it."""
    if as_json:
        typer.echo(json.dumps(plain(data), indent=2, ensure_ascii=False))
    else:
        stdout().print(human())


def note(text: str) -> None:
    """Say something to the person, on stderr."""
    typer.echo(text, err=True)


def complain(report: "Report") -> None:
    """Print an error and what to do next, on stderr."""
    color = False if os.environ.get("NO_COLOR") else None
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
    typer.echo(report.message, err=True)
    if report.hint:
        typer.secho("next:  ", fg="cyan", nl=False, err=True, color=color)
        typer.echo(report.hint, err=True)


def stdout() -> "Console":
    """A console on stdout; wide where it is no terminal and COLUMNS does not say."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        return Console(highlight=False, width=PIPE_WIDTH)
    return console


def is_terminal() -> bool:
    """Whether a person sees stdout, so that it may be redrawn."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def plain(data: object) -> Plain:
    """Data as JSON can say it: dataclasses by field, numbers without value as null."""
    match data:
        case None | bool() | int() | str():
            return data.value if isinstance(data, Enum) else data
        case float():
            return data if math.isfinite(data) else None
        case Mapping():
            return {str(key): plain(value) for key, value in data.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in data]
        case _:
            return _object(data)


def _object(data: object) -> Plain:
    if is_dataclass(data) and not isinstance(data, type):
        return {field.name: plain(getattr(data, field.name)) for field in fields(data)}
    if isinstance(data, datetime):
        return data.isoformat()
    if isinstance(data, Path):
        return str(data)
    if isinstance(data, Enum):
        return plain(data.value)
    raise AssertionError(f"{type(data).__name__} has no form in JSON")
