"""What the tabs of a study and of a trial show, and how it is sorted, filtered and compared."""

from dataclasses import replace
from functools import partial

from textual.pilot import Pilot

from autoae.views.tui.app import Monitor
from autoae.views.tui.panels.trials import TrialsPanel
from autoae.views.tui.study import StudyScreen
from autoae.views.tui.trial import TrialScreen
from tests.studies import searched, spec
from tests.tui.fake import FakeSource, monitor, text_of, until, view_of
from tests.tui.play import play, rows, shows, trials_tab


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
