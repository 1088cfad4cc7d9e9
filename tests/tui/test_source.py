"""The monitor shows what its source gives, and goes on when the source fails or waits."""

import asyncio
from dataclasses import replace

from textual.pilot import Pilot

from autoae.store.errors import StorageError
from autoae.views.tui.app import Monitor
from autoae.views.tui.help import HelpScreen
from autoae.views.tui.keys import TABS
from autoae.views.tui.source import Question
from autoae.views.tui.status import StatusBar
from autoae.views.tui.study import StudyScreen
from tests.snapshots import study, trial
from tests.tui.fake import FakeSource, monitor, text_of, until, view_of
from tests.tui.play import play, trials_tab


def test_the_cursor_stays_on_its_trial_when_others_come() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        await pilot.press("down", "down", "down")
        before, count = table.key, len(table.table.keys)
        source.add(trial(count, 0.99))
        await until(pilot, lambda: len(table.table.keys) == count + 1)
        assert table.key == before
        assert table.table.keys[0] == count

    play(monitor(source), acts)


def test_a_held_picture_stays_until_it_is_let_go() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        count = len(table.table.keys)
        await pilot.press("space")
        reads = source.reads
        source.add(trial(count, 0.99))
        # What was under way may still be read, and is not shown.
        await asyncio.sleep(0.5)
        assert source.reads <= reads + 1
        assert len(table.table.keys) == count
        assert "HELD" in text_of(app)
        await pilot.press("space")
        await until(pilot, lambda: len(table.table.keys) == count + 1)
        assert "HELD" not in text_of(app)

    play(monitor(source), acts)


def test_a_locked_database_is_a_line_and_the_last_picture_stays() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        source.failure = StorageError("cannot use the storage: database is locked")
        bar = app.screen.query_one(StatusBar)
        await until(pilot, lambda: "locked" in bar.trouble)
        assert "database is locked" in text_of(app)
        assert table.table.keys
        source.failure = None
        await until(pilot, lambda: not bar.trouble)

    play(monitor(source), acts)


def test_a_source_that_does_not_answer_leaves_every_key_alive() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        source.gate.clear()
        await pilot.press("down", "s")
        await until(pilot, lambda: "by val_accuracy" in text_of(app))
        for number, name in enumerate(TABS, start=1):
            await pilot.press(str(number))
            assert isinstance(app.screen, StudyScreen)
            assert app.screen.tab == name
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert table.table.keys
        source.gate.set()

    play(monitor(source), acts)


def test_before_anything_is_read_the_frame_stands() -> None:
    source = FakeSource()
    source.gate.clear()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.screen, StudyScreen))
        text = text_of(app)
        assert "hybrid" in text
        assert "1 Now" in text
        assert "reading" in text
        source.gate.set()
        await until(pilot, lambda: "best val_accuracy" in text_of(app))

    play(monitor(source), acts)


def test_every_tab_draws_an_empty_study_and_one_of_another_program() -> None:
    empty = view_of(study([]))
    other = replace(view_of(study([trial(0, 0.5, params={"x": 1})])), question=Question())

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.screen, StudyScreen) and app.screen.view)
        for number in range(1, len(TABS) + 1):
            await pilot.press(str(number))
            await until(pilot, lambda: True)
        assert not app._notifications

    for view in (empty, other):
        play(monitor(FakeSource(view)), acts)
