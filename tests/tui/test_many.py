"""Ten thousand trials: a poll is cheap, and no key costs more than with a handful."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from textual.pilot import Pilot

from autoae.views.tui.app import Monitor
from autoae.views.tui.rows import Rows
from autoae.views.tui.storage_source import StorageSource
from tests.synthetic import add_epoch, fill
from tests.tui.fake import until

KEYS = ("down", "down", "pagedown", "up", "end", "home")


def cost_of_keys(url: str) -> float:
    """CPU seconds of the keys of a table, the least of several rounds."""
    app = Monitor(StorageSource(url), study="many", seconds=60)
    rounds = list[float]()

    async def run() -> None:
        async with app.run_test(size=(100, 30)) as pilot:
            await _show_trials(app, pilot)
            for _ in range(5):
                start = process_time()
                await pilot.press(*KEYS)
                rounds.append(process_time() - start)

    asyncio.run(run())
    app.source.close()
    return min(rounds)


async def _show_trials(app: Monitor, pilot: Pilot[None]) -> None:
    def rows() -> bool:
        return bool(
            app.screen.query("#trials-rows")
            and app.screen.query_one("#trials-rows", Rows).table.keys
        )

    await until(pilot, lambda: app.screen.query("#panels"))
    await pilot.press("2")
    await until(pilot, rows)


@pytest.mark.slow
def test_no_key_costs_more_than_with_an_almost_empty_study(tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    few = cost_of_keys(fill(tmp_path / "few", 12))
    many = cost_of_keys(fill(tmp_path / "many", 10_000))
    assert many < 3 * few


@pytest.mark.slow
def test_a_poll_costs_a_small_part_of_the_first_look(tmp_path: Path) -> None:
    source = StorageSource(fill(tmp_path, 10_000))
    first, _ = _timed(lambda: source.study("many"))
    polls = []
    for epoch in range(4, 9):
        add_epoch(tmp_path, 9_999, epoch, 0.9)
        seconds, view = _timed(lambda: source.study("many"))
        polls.append(seconds)
        assert view is not None
    source.close()
    assert sorted(polls)[2] < first / 15


def _timed(do: Callable[[], object]) -> tuple[float, object]:
    start = process_time()
    found = do()
    return process_time() - start, found
