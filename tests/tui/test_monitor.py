"""How one gets around in the monitor: keys, tabs, commands, mouse and sizes of terminals."""

import pytest
from rich.cells import cell_len
from textual.command import Command, CommandList
from textual.pilot import Pilot
from textual.widgets import Input

from autoae.views.tui.app import Monitor
from autoae.views.tui.help import help_text
from autoae.views.tui.keys import KEYS, TABS, spoken
from autoae.views.tui.panels.trials import TrialsPanel
from autoae.views.tui.studies import StudiesScreen
from autoae.views.tui.study import StudyScreen
from autoae.views.tui.trial import TrialScreen
from tests.tui.fake import FakeSource, monitor, text_of, until
from tests.tui.play import play, rows, trials_tab


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
