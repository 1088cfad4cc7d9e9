"""Every trial in its order, and the best so far."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.widgets import Static

from autoae.views.plots.focus import focus
from autoae.views.tui.canvas import Drawing, Point, Series, scatter
from autoae.views.tui.chart import Chart
from autoae.views.tui.panels.panel import Panel, Recipe, axis, is_better
from autoae.views.tui.source import StudyView


class HistoryPanel(Panel):
    """The history of the first objective."""

    def compose(self) -> ComposeResult:
        """One plot."""
        yield Static("every trial, and ━ the best so far", classes="title")
        yield Chart()

    def recipe(self) -> Recipe:
        """The same for everybody."""
        return history

    def show(self, made: Drawing) -> None:
        """Draw it."""
        self.query_one(Chart).drawing = made


def history(view: StudyView) -> Drawing:
    """Values of complete trials by number, and the best of them up to each."""
    points = [
        (float(trial.number), trial.values[0])
        for trial in view.snapshot.trials
        if trial.state == "COMPLETE" and trial.values
    ]
    found = focus(view.objective, [value for _, value in points], view.direction)
    if found is not None:
        # A few trials that learned nothing would press all others together.
        points = [(x, min(max(value, found.low), found.high)) for x, value in points]
    best = [*_best(points, view)]
    if best:
        best.append((float(max(len(view.snapshot.trials) - 1, 0)), best[-1][1]))
    return Drawing(
        (
            scatter(points),
            Series(tuple(best), "steps", "success"),
        ),
        axis("trial", whole=True),
        axis(view.objective),
    )


def _best(points: list[Point], view: StudyView) -> Iterator[Point]:
    best: float | None = None
    for x, value in points:
        if best is None or is_better(value, best, view.direction):
            best = value
            yield x, value
