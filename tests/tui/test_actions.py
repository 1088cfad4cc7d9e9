"""What the monitor asks of a study: what destroys is asked about, what is wrong is said."""

from textual.pilot import Pilot
from textual.widgets import Input, Static

from autoae.spec.errors import SpecError
from autoae.views.tui.app import Monitor
from autoae.views.tui.dialogs import Confirm, Entry, VaryForm
from autoae.views.tui.study import StudyScreen
from tests.tui.fake import FakeActions, FakeSource, monitor, until
from tests.tui.play import play, trials_tab


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
