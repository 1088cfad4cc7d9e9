"""What the monitor does, key by key, on a source of its own and with a clock that stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import pytest
from rich.cells import cell_len
from textual.command import Command, CommandList
from textual.pilot import Pilot
from textual.widgets import Input, Static

from autoae.spec.errors import SpecError
from autoae.store.errors import StorageError
from autoae.views.tui.app import Monitor
from autoae.views.tui.dialogs import Confirm, Entry, VaryForm
from autoae.views.tui.help import HelpScreen, help_text
from autoae.views.tui.keys import KEYS, TABS, spoken
from autoae.views.tui.panels.trials import TrialsPanel
from autoae.views.tui.rows import Rows
from autoae.views.tui.source import Question
from autoae.views.tui.status import StatusBar
from autoae.views.tui.studies import StudiesScreen
from autoae.views.tui.study import StudyScreen
from autoae.views.tui.trial import TrialScreen
from tests.snapshots import study, trial
from tests.studies import searched, spec
from tests.tui.fake import FakeActions, FakeSource, monitor, text_of, until, view_of

Play = Callable[[Monitor, Pilot[None]], Awaitable[None]]


def play(app: Monitor, acts: Play, size: tuple[int, int] = (100, 30)) -> None:
    """Run the app without a terminal and do something with it."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await acts(app, pilot)

    asyncio.run(run())


def rows(app: Monitor, name: str = "#trials-rows") -> Rows:
    """A table of the screen."""
    return app.screen.query_one(name, Rows)


def shows(app: Monitor, words: tuple[str, ...]) -> bool:
    """Whether the screen has all of these words."""
    text = text_of(app)
    return all(word in text for word in words)


async def trials_tab(app: Monitor, pilot: Pilot[None]) -> Rows:
    """Go to the tab of trials and wait for its rows."""
    await until(pilot, lambda: isinstance(app.screen, StudyScreen))
    await pilot.press("2")
    await until(pilot, lambda: rows(app).table.keys)
    return rows(app)


def test_from_the_list_to_a_study_to_a_trial_and_back() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: rows(app, "#studies").table.keys)
        assert "cifar" in text_of(app)
        await pilot.press("enter")
        table = await trials_tab(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TrialScreen))
        assert isinstance(app.screen, TrialScreen)
        assert app.screen.numbers == (table.table.keys[0],)
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, StudiesScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, StudiesScreen)

    play(monitor(FakeSource(), study=None), acts)


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


def test_trials_are_sorted_filtered_and_searched() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        snapshot = source.view.snapshot
        await pilot.press("s")
        await until(pilot, lambda: "by val_accuracy ▼" in text_of(app))
        values = [snapshot.trials[int(str(k))].values for k in table.table.keys[:5]]
        assert values == sorted(values, reverse=True)
        await pilot.press("r")
        await until(pilot, lambda: "by val_accuracy ▲" in text_of(app))
        await pilot.press("f")
        await until(pilot, lambda: "only complete" in text_of(app))
        assert len(table.table.keys) == source.view.counts["COMPLETE"]
        await pilot.press("f")
        await until(pilot, lambda: "only pruned" in text_of(app))
        assert len(table.table.keys) == source.view.counts["PRUNED"]
        panel = app.screen.query_one(TrialsPanel)
        panel.order = replace(panel.order, state=None)
        await pilot.press("slash", *"adam c(24)")
        await until(pilot, lambda: "with “adam c(24)”" in text_of(app))
        for key in table.table.keys:
            found = snapshot.trials[int(str(key))]
            assert found.params["training.optimizer"] == "adam"
            assert "C(24)" in found.notation
        await pilot.press("enter")
        assert table.has_focus

    play(monitor(source), acts)


def test_b_goes_to_the_best_trial() -> None:
    source = FakeSource()
    best = source.view.best
    assert best is not None

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("8", "b")
        await until(
            pilot, lambda: isinstance(app.screen, StudyScreen) and app.screen.tab == "trials"
        )
        await until(pilot, lambda: rows(app).key == best.number)

    play(monitor(source), acts)


def test_the_front_takes_any_two_figures_and_its_trials_are_selectable() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: "val_mse against params" in text_of(app))
        assert isinstance(app.screen, StudyScreen)
        first = app.screen.panel.trial()
        await pilot.press("right")
        second = app.screen.panel.trial()
        assert first != second
        await pilot.press("a")
        await until(pilot, lambda: "val_mse against flops" in text_of(app))
        await pilot.press("o")
        await until(pilot, lambda: "val_accuracy against flops" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TrialScreen))

    play(monitor(FakeSource()), acts)


def test_knobs_say_on_how_many_trials_they_rest_or_that_they_are_too_few() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("4")
        count = source.view.counts["COMPLETE"]
        await until(pilot, lambda: f"PED-ANOVA, {count} complete trials" in text_of(app))
        assert "95 % interval" in text_of(app)
        assert len(rows(app, "#knobs-rows").table.keys) > 4

    play(monitor(source), acts, size=(120, 40))
    few = FakeSource(view_of(searched(spec(), trials=4)))

    async def too_few(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("4")
        await until(pilot, lambda: "too few trials" in text_of(app))

    play(monitor(few), too_few)


def test_workers_are_running_silent_or_presumed_dead() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("8")
        await until(pilot, lambda: "bench/0" in text_of(app))
        lines = {line.split()[0]: line for line in text_of(app).splitlines() if "bench/" in line}
        assert "running" in lines["bench/0"]
        assert "cpu" in lines["bench/0"]
        assert "9.00k" in lines["bench/0"]
        assert "silent" in lines["bench/1"]
        assert "2 min ago" in lines["bench/1"] or "90 s" in lines["bench/1"]
        assert "presumed dead" in lines["bench/2"]

    play(monitor(FakeSource()), acts)


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


def test_two_trials_stand_side_by_side() -> None:
    source = FakeSource()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        first = table.key
        await pilot.press("c", "down", "c")
        await until(pilot, lambda: isinstance(app.screen, TrialScreen))
        assert isinstance(app.screen, TrialScreen)
        assert app.screen.numbers == (first, table.table.keys[1])
        await until(pilot, lambda: "/runs/hybrid/3" in text_of(app))
        assert text_of(app).count("Parameters") == 2
        await pilot.press("tab", "left")
        assert app.screen.numbers == (first, int(str(table.table.keys[1])) - 1)
        await pilot.press("b")
        assert len(app.screen.numbers) == 1
        await pilot.press("b")
        assert source.view.best is not None
        assert app.screen.numbers[1] == source.view.best.number

    play(monitor(source), acts, size=(140, 40))


def test_a_trial_shows_layers_curves_confusion_images_and_settings() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("b", "enter")
        await until(pilot, lambda: isinstance(app.screen, TrialScreen))
        for key, words in (
            ("2", ("16×4×4", "2,056")),
            ("3", ("val_accuracy", "epoch")),
            ("4", ("300 of 390 validation images are right",)),
            ("5", ("▀", "originals above reconstructions")),
            ("6", ("optimizer:",)),
        ):
            await pilot.press(key)
            await until(pilot, partial(shows, app, words))

    play(monitor(FakeSource()), acts, size=(100, 100))


def test_what_destroys_is_asked_about_first() -> None:
    actions = FakeActions()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        running = table.key
        await pilot.press("x")
        assert isinstance(app.screen, Confirm)
        await pilot.press("enter")  # No is what has the focus.
        assert not actions.asked
        await pilot.press("x", "escape", "x", "y")
        await until(pilot, lambda: actions.asked)
        assert actions.asked == [("prune", "hybrid", running)]
        await pilot.press("S", "n")
        await pilot.press("S", "y")
        await until(pilot, lambda: len(actions.asked) == 2)
        assert actions.asked[1] == ("stop", "hybrid")

    play(monitor(FakeSource(), actions=actions), acts)


def test_only_a_running_trial_can_be_pruned() -> None:
    actions = FakeActions()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("b", "x")
        await until(pilot, lambda: app._notifications)
        assert isinstance(app.screen, StudyScreen)
        assert not actions.asked

    play(monitor(FakeSource(), actions=actions), acts)


def test_pausing_retrying_and_notes_go_through_the_storage() -> None:
    actions = FakeActions()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        await pilot.press("p")
        await until(pilot, lambda: actions.asked)
        table.select(9)
        await pilot.press("R")
        await until(pilot, lambda: len(actions.asked) == 2)
        await pilot.press("n")
        assert isinstance(app.screen, Entry)
        await pilot.press(*"why?", "enter")
        await until(pilot, lambda: len(actions.asked) == 3)
        await pilot.press("N", *"hm", "enter")
        await until(pilot, lambda: len(actions.asked) == 4)
        await pilot.press("n", "escape", "y")
        await until(pilot, lambda: app.clipboard == "autoae model train --from hybrid:9")
        await pilot.press("D")
        await until(pilot, lambda: len(actions.asked) == 5)

    play(monitor(FakeSource(), actions=actions), acts)
    assert actions.asked == [
        ("pause", "hybrid"),
        ("retry", "hybrid", 9),
        ("note", "hybrid", 9, "why?"),
        ("note", "hybrid", None, "hm"),
        ("dashboard",),
    ]


def test_a_variation_is_edited_in_a_form_and_what_is_wrong_is_said_there() -> None:
    actions = FakeActions()

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        table.select(0)
        await pilot.press("e")
        assert isinstance(app.screen, VaryForm)
        field = app.screen.query_one("#field-training-lr", Input)
        problem = app.screen.query_one("#form-problem", Static)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "nothing was changed" in str(problem.content))
        field.value = "9"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "9 is more than 0.1" in str(problem.content))
        field.value = "0.05"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, StudyScreen))

    play(monitor(FakeSource(), actions=actions), acts, size=(120, 40))
    assert actions.asked == [("vary", "hybrid", 0, {"training.lr": 0.05})]


def test_a_refused_action_is_said() -> None:
    actions = FakeActions(failure=SpecError("it is repeated already"))

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        await pilot.press("R")
        await until(pilot, lambda: app._notifications)
        assert "repeated already" in next(iter(app._notifications)).message

    play(monitor(FakeSource(), actions=actions), acts)


def hits(commands: CommandList) -> list[str | None]:
    return [option.hit.text for option in commands.options if isinstance(option, Command)]


def test_the_help_and_the_palette_come_from_the_list_of_keys() -> None:
    text = help_text().plain
    for key in KEYS:
        assert key.help in text
        assert spoken(key) in text

    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        offered = {command.title for command in app.get_system_commands(app.screen)}
        wanted = {key.label for key in KEYS if key.place in ("everywhere", "study", "trials")}
        # Opening is the table's own key.
        assert wanted - {"Commands", "Open"} <= offered
        assert "x axis" not in offered
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen.query(Input))
        await pilot.press(*"Sort")
        found = app.screen.query_one(CommandList)
        await until(pilot, lambda: hits(found)[:1] == ["Sort"])
        await pilot.press("enter")
        await until(pilot, lambda: "by val_accuracy" in text_of(app))

    play(monitor(FakeSource()), acts)


def test_every_action_of_a_key_exists_where_it_is_bound() -> None:
    from autoae.views.tui.panels.front import FrontPanel
    from autoae.views.tui.panels.slice import SlicePanel

    places = {
        "everywhere": Monitor,
        "studies": StudiesScreen,
        "study": StudyScreen,
        "trials": TrialsPanel,
        "front": FrontPanel,
        "slice": SlicePanel,
        "trial": TrialScreen,
    }
    for key in KEYS:
        name = key.action.partition("(")[0]
        assert hasattr(places[key.place], f"action_{name}"), key


def test_a_terminal_that_is_too_small_says_so() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "50×12" in text_of(app))
        assert "60×16" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "1 Now" in text_of(app))

    play(monitor(FakeSource()), acts, size=(50, 12))


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_no_line_is_wider_than_the_terminal(size: tuple[int, int]) -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        for number in range(1, len(TABS) + 1):
            await pilot.press(str(number))
            await until(pilot, lambda: "9 Log" in text_of(app))
            lines = text_of(app).splitlines()
            assert len(lines) == size[1]
            assert max(map(cell_len, lines)) <= size[0]

    play(monitor(FakeSource()), acts, size=size)


def test_themes_follow_each_other() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        await trials_tab(app, pilot)
        before = app.theme
        await pilot.press("t")
        assert app.theme != before

    play(monitor(FakeSource()), acts)


def test_the_mouse_may_choose_a_tab_and_a_row() -> None:
    async def acts(app: Monitor, pilot: Pilot[None]) -> None:
        table = await trials_tab(app, pilot)
        await pilot.click("#trials-rows", offset=(5, 4))
        assert table.key == table.table.keys[3]
        await pilot.click("#tabs", offset=(3, 0))
        assert isinstance(app.screen, StudyScreen)
        assert app.screen.tab == "now"

    play(monitor(FakeSource()), acts)
