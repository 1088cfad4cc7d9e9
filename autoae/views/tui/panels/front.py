"""The trade-off of two figures: every trial a dot, those that no other beats selectable."""

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from autoae.analysis.figures import direction_of, figure_of
from autoae.analysis.front import front, front_axes
from autoae.spec.metrics import COSTS
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.numbers import cost
from autoae.views.tui.canvas import Drawing, Point, Series, scatter
from autoae.views.tui.chart import Chart
from autoae.views.tui.keys import bindings
from autoae.views.tui.panels.panel import Panel, Recipe, axis
from autoae.views.tui.source import StudyView

_USUAL = "val_mse"
_MAGNITUDES = ("params", "flops")


@dataclass(frozen=True)
class Front:
    """What the panel shows.

    Attributes:
        x: The figure on the x axis.
        y: The figure on the y axis.
        names: Every figure that there is.
        trials: Those that no other beats, by x.
        others: The points of all complete trials.
        study: Whose they are.
    """

    x: str
    y: str
    names: tuple[str, ...]
    trials: tuple[TrialSnapshot, ...]
    others: tuple[Point, ...]
    study: StudySnapshot


class FrontPanel(Panel):
    """The front, and the selected trial on it."""

    BINDINGS = bindings("front")
    can_focus = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.axes: tuple[str, str] | None = None
        self._front: Front | None = None
        self._selected: int | None = None

    def compose(self) -> ComposeResult:
        """A line on the selected trial below the plot."""
        yield Static(id="front-title", classes="title")
        yield Chart()
        yield Static(id="front-trial")

    def recipe(self) -> Recipe:
        """The front of the axes that were chosen."""
        axes = self.axes
        return lambda view: front_of(view, axes)

    def show(self, made: Front) -> None:
        """Draw it; the selected trial stays where it is still on the front."""
        self._front = made
        if self._selected not in {trial.number for trial in made.trials}:
            self._selected = made.trials[0].number if made.trials else None
        self._draw()

    def trial(self) -> int | None:
        """The selected one."""
        return self._selected

    def select(self, number: int) -> bool:
        """Select a trial if it is on the front."""
        if self._front is None or number not in {trial.number for trial in self._front.trials}:
            return False
        self._selected = number
        self._draw()
        return True

    def action_along(self, step: int) -> None:
        """Select the next trial on the front."""
        if self._front is None or not self._front.trials:
            return
        numbers = [trial.number for trial in self._front.trials]
        place = numbers.index(self._selected) if self._selected in numbers else 0
        self.select(numbers[max(0, min(place + step, len(numbers) - 1))])

    def action_axis(self, which: str) -> None:
        """Take the next figure for an axis, but never the same for both."""
        if self._front is None:
            return
        x, y = self._front.x, self._front.y
        if which == "x":
            x = _following(self._front.names, x, but=y)
        else:
            y = _following(self._front.names, y, but=x)
        self.axes = x, y
        self.changed()

    def _draw(self) -> None:
        made = self._front
        assert made is not None
        chosen = [trial for trial in made.trials if trial.number == self._selected]
        self.query_one("#front-title", Static).update(
            f"{made.y} against {made.x}  ·  ● {len(made.trials)} trials that no other beats"
        )
        self.query_one(Chart).drawing = _drawing(made, chosen)
        self.query_one("#front-trial", Static).update(_told(made, chosen))


def front_of(view: StudyView, axes: tuple[str, str] | None) -> Front:
    """The front of two figures; parameters against the error unless others are chosen."""
    study = view.snapshot
    names = _names(view)
    x, y = axes or _usual(study, names)
    trials = front(study, x, y)
    complete = study.of_state("COMPLETE")
    points = [(figure_of(study, trial, x), figure_of(study, trial, y)) for trial in complete]
    known = tuple((a, b) for a, b in points if a is not None and b is not None)
    return Front(x, y, names, trials, known, study)


def _usual(study: StudySnapshot, names: tuple[str, ...]) -> tuple[str, str]:
    x, y = front_axes(study)
    return (x, _USUAL) if len(study.objectives) == 1 and _USUAL in names and x != _USUAL else (x, y)


def _names(view: StudyView) -> tuple[str, ...]:
    """Objectives first, then costs, then the other metrics."""
    objectives = [objective.metric for objective in view.snapshot.objectives]
    best = view.best
    costs = [name for name in COSTS if best and name in best.costs]
    metrics = sorted(best.metrics) if best else []
    return tuple(dict.fromkeys([*objectives, *costs, *metrics]))


def _following(names: tuple[str, ...], name: str, *, but: str) -> str:
    left = [each for each in names if each != but]
    if name not in left:
        return left[0] if left else name
    return left[(left.index(name) + 1) % len(left)]


def _drawing(made: Front, chosen: list[TrialSnapshot]) -> Drawing:
    line = tuple(_point(made, trial) for trial in made.trials)
    return Drawing(
        (
            scatter(made.others),
            Series(line, "line", "success", faint=True),
            Series(line, "dots", "success", mark="●"),
            Series(tuple(_point(made, trial) for trial in chosen), "dots", "accent", mark="◉"),
        ),
        axis(made.x, log=made.x in _MAGNITUDES),
        axis(made.y, log=made.y in _MAGNITUDES),
    )


def _point(made: Front, trial: TrialSnapshot) -> Point:
    x, y = figure_of(made.study, trial, made.x), figure_of(made.study, trial, made.y)
    assert x is not None
    assert y is not None
    return x, y


def _told(made: Front, chosen: list[TrialSnapshot]) -> Text:
    text = Text()
    for trial in chosen:
        text.append(f"◉ trial {trial.number}  ", "bold")
        for name in (made.x, made.y):
            better = "↓" if direction_of(made.study, name) == "minimize" else "↑"
            text.append(f"{name} {better} ", "dim")
            text.append(f"{cost(name, figure_of(made.study, trial, name))}  ")
        text.append(trial.notation)
    return text
