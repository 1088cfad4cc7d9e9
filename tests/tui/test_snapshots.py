"""How the screens look, at two sizes, with a fake source and a clock that stands still."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from autoae.views.tui.app import Monitor
from tests.tui.fake import FakeActions, FakeSource, monitor, text_of, until

SMALL, LARGE = (80, 24), (120, 40)


class Compare(Protocol):
    """The fixture of pytest-textual-snapshot."""

    def __call__(
        self,
        app: App[None],
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[None]], Awaitable[None]],
    ) -> bool:
        """Whether the app looks as it did."""


def steps(app: Monitor, *words_and_keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait for words, press keys, and so on: `words`, `key key`, `words`, ..."""

    async def run(pilot: Pilot[None]) -> None:
        for place, each in enumerate(words_and_keys):
            if place % 2:
                await pilot.press(*each.split())
            else:
                await until(pilot, partial(_says, app, each))
        # Nothing more is read, so that no later picture comes in between.
        app.held = True

    return run


def _says(app: Monitor, words: str) -> bool:
    return words in text_of(app)


@pytest.mark.parametrize(
    ("keys", "words", "size"),
    [
        ("1", "presumed dead", SMALL),
        ("1", "presumed dead", LARGE),
        ("2", "by trial", SMALL),
        ("2 down f", "only complete", LARGE),
        ("3 right", "val_mse against params", LARGE),
        ("5", "best fifth", SMALL),
        ("8", "sign of life", SMALL),
        ("9", "details", LARGE),
        ("2 e", "A variation of trial", SMALL),
    ],
)
def test_a_study(snap_compare: Compare, keys: str, words: str, size: tuple[int, int]) -> None:
    app = monitor(FakeSource(), actions=FakeActions())
    assert snap_compare(
        app, terminal_size=size, run_before=steps(app, "best val_accuracy", keys, words)
    )


def test_the_list_of_studies(snap_compare: Compare) -> None:
    app = monitor(FakeSource(), study=None)
    assert snap_compare(app, terminal_size=SMALL, run_before=steps(app, "paused"))


def test_two_trials(snap_compare: Compare) -> None:
    app = monitor(FakeSource())
    play = steps(
        app,
        "best val_accuracy",
        "2",
        "by trial",
        "b",
        "by trial",
        "enter",
        "/runs/",
        "b 4",
        "300 of",
    )
    assert snap_compare(app, terminal_size=LARGE, run_before=play)


def test_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = monitor(FakeSource())
    play = steps(app, "best val_accuracy", "2", "by trial")
    assert snap_compare(app, terminal_size=SMALL, run_before=play)
