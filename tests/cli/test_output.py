import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pytest

from autoae.cli.output import plain, show


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Thing:
    name: Path
    sizes: tuple[float, ...]
    when: datetime | None


def test_everything_that_commands_print_has_a_form_in_json() -> None:
    thing = Thing(Path("a/b"), (1.5, float("nan"), float("inf")), datetime(2026, 1, 2))
    assert plain({Color.RED: thing, "set": frozenset({3}), "yes": True}) == {
        "red": {"name": "a/b", "sizes": [1.5, None, None], "when": "2026-01-02T00:00:00"},
        "set": [3],
        "yes": True,
    }


def test_json_goes_to_stdout_and_people_see_text(capsys: pytest.CaptureFixture[str]) -> None:
    show({"a": "ü"}, lambda: "for people", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"a": "ü"}
    show({}, lambda: "for people", as_json=False)
    assert capsys.readouterr().out == "for people\n"


def test_nothing_is_cut_where_stdout_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show({}, lambda: "word " * 30, as_json=False)
    assert len(capsys.readouterr().out.splitlines()) == 1
