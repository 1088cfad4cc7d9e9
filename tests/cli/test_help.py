from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from autoae.cli.main import app
from tests.cli.conftest import Autoae


def _commands() -> Iterator[tuple[str, ...]]:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for noun, group in root.commands.items():
        yield (noun,)
        if isinstance(group, TyperGroup):
            yield from ((noun, verb) for verb in group.commands)


PROMISED = {
    "study": "presets init create run list show stop delete schema validate export pause resume "
    "note log workers fetch",
    "trial": "list show compare pictures reproduce enqueue retry prune note",
    "data": "list fetch show",
    "model": "train summary",
}


def test_every_promised_command_is_there() -> None:
    promised = {(noun, verb) for noun, verbs in PROMISED.items() for verb in verbs.split()}
    assert promised | {("doctor",), ("worker",)} <= set(_commands())


@pytest.mark.parametrize("command", list(_commands()), ids=" ".join)
def test_every_command_explains_itself(autoae: Autoae, command: tuple[str, ...]) -> None:
    said = autoae(*command, "--help")
    assert said.code == 0
    assert "Usage:" in said.out
    assert "Show this message" in said.out


READING = [
    ("study", "presets"), ("study", "list"), ("study", "show"), ("study", "validate"),
    ("trial", "list"), ("trial", "show"), ("trial", "compare"),
    ("trial", "reproduce"), ("trial", "note"), ("study", "log"), ("study", "workers"),
    ("study", "note"),
    ("data", "list"), ("data", "show"), ("model", "summary"), ("doctor",),
]  # fmt: skip


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_every_reading_command_takes_json(autoae: Autoae, command: tuple[str, ...]) -> None:
    assert "--json" in autoae(*command, "--help").out


def test_a_mistyped_command_is_answered_with_the_nearest(autoae: Autoae) -> None:
    said = autoae("study", "crate")
    assert said.code == 2
    assert "create" in said.err


def test_the_version_is_told(autoae: Autoae) -> None:
    from autoae import __version__

    assert autoae("--version").out == f"autoae {__version__}\n"
