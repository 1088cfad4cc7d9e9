"""What is trained at this moment, against the best; and the best trials where nothing is."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from autoae.analysis.best import best_trials
from autoae.store.snapshot import TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import cost
from autoae.views.tui.canvas import Drawing, Series, bar
from autoae.views.tui.chart import Chart
from autoae.views.tui.looks import CURVE_COLORS, STATE_MARKS, style_of
from autoae.views.tui.panels.history import history
from autoae.views.tui.panels.panel import Panel, Recipe, axis, epochs_of, now_of
from autoae.views.tui.rows import Column, Rows, Table
from autoae.views.tui.source import StudyView

_BAR = 8
_BEST = 20
_RECENT = 3


@dataclass(frozen=True)
class Now:
    """What the panel shows.

    Attributes:
        title: Of the curves.
        curves: Of the trials in training, and of the best.
        legend: A colour and a name each.
        history: Every trial, and the best so far.
        title_below: Of the table.
        table: The trials in training, else the best ones.
    """

    title: str
    curves: Drawing
    legend: tuple[tuple[str, str], ...]
    history: Drawing
    title_below: str
    table: Table


class NowPanel(Panel):
    """Learning curves, history, and the trials that run."""

    def compose(self) -> ComposeResult:
        """The curves beside the history, a table below."""
        with Horizontal(id="now-plots"):
            with Vertical(id="now-curves"):
                yield Static(id="now-title", classes="title")
                yield Chart(id="now-chart")
            with Vertical(id="now-history"):
                yield Static("best so far", classes="title")
                yield Chart(id="now-history-chart")
        yield Static(id="now-below", classes="title")
        yield Rows(id="now-rows")

    def recipe(self) -> Recipe:
        """The same for everybody."""
        return make

    def show(self, made: Now) -> None:
        """Curves, history, table."""
        title = Text(made.title)
        for color, name in made.legend:
            title.append("  ━ ", style_of(self.app, color)).append(name)
        self.query_one("#now-title", Static).update(title)
        self.query_one("#now-chart", Chart).drawing = made.curves
        self.query_one("#now-history-chart", Chart).drawing = made.history
        self.query_one("#now-below", Static).update(made.title_below)
        self.query_one(Rows).show(made.table)

    def trial(self) -> int | None:
        """The one under the cursor."""
        key = self.query_one(Rows).key
        return key if isinstance(key, int) else None

    def select(self, number: int) -> bool:
        """Put the cursor on a trial."""
        return self.query_one(Rows).select(number)


def make(view: StudyView) -> Now:
    """What the panel shows of a study."""
    running = view.running
    shown = running[: len(CURVE_COLORS)] if running else _recent(view)
    curves = [
        (color, f"{trial.number}", now_of(view, trial))
        for color, trial in zip(CURVE_COLORS, shown, strict=False)
    ]
    if view.best is not None and view.best.curve:
        curves = [("success", f"best ({view.best.number})", view.best.curve), *curves]
    known = [(color, name, curve) for color, name, curve in curves if curve]
    series = tuple(Series(curve, color=color) for color, _, curve in known)
    return Now(
        title=view.objective,
        curves=Drawing(series, axis("epoch", whole=True), axis(view.objective)),
        legend=tuple((color, name) for color, name, _ in known),
        history=history(view),
        title_below=f"{len(running)} running, and the best"
        if running
        else "nothing is running; the best trials",
        table=_running(view) if running else _best(view),
    )


def _recent(view: StudyView) -> list[TrialSnapshot]:
    """The last trials that have a curve, other than the best."""
    best = view.best.number if view.best else -1
    found: list[TrialSnapshot] = []
    for trial in reversed(view.snapshot.trials):
        if trial.curve and trial.number != best:
            found.append(trial)
        if len(found) == _RECENT:
            break
    return found


def _running(view: StudyView) -> Table:
    """The trials in training, and below them the best ones."""
    trials = (*view.running, *best_trials(view.snapshot, _BEST))
    columns = (
        Column("trial", 5, right=True),
        Column("state", 15),
        Column("epoch", _BAR + 1 + _epochs_width(trials)),
        Column(view.objective, 12, right=True),
        Column("params", 7, right=True, least=90),
        Column("worker", 14, least=110),
        Column("network"),
    )
    rows = [_running_row(view, trial) for trial in trials]
    return Table(columns, tuple(trial.number for trial in trials), rows.__getitem__)


def _epochs_width(trials: Iterable[TrialSnapshot]) -> int:
    """The room that `3226/9000` takes: less cuts off how many there are to come."""
    longest = max((epochs_of(trial) or 0 for trial in trials), default=0)
    return max(7, 2 * len(str(longest)) + 1)


def _running_row(view: StudyView, trial: TrialSnapshot) -> list[str]:
    state = "presumed dead" if trial.number in view.lost else state_word(trial.state)
    curve = now_of(view, trial)
    value = trial.values[0] if trial.values else curve[-1][1] if curve else None
    return [
        str(trial.number),
        f"{STATE_MARKS[state]} {state}",
        _progress(view, trial),
        cost(view.objective, value),
        cost("params", trial.costs.get("params")),
        trial.lease.place if trial.lease else "–",
        trial.notation,
    ]


def _progress(view: StudyView, trial: TrialSnapshot) -> str:
    """How far a trial is; of one that has ended its best epoch."""
    if trial.state == "COMPLETE":
        return f"{'best':<{_BAR}} {trial.epoch or '–'}/{trial.epochs}"
    curve, whole = now_of(view, trial), epochs_of(trial)
    epoch = curve[-1][0] if curve else 0
    return f"{bar(epoch / whole, _BAR)} {epoch}/{whole}" if whole else f"{epoch}"


def _best(view: StudyView) -> Table:
    trials = best_trials(view.snapshot, _BEST)
    metrics = [objective.metric for objective in view.snapshot.objectives]
    columns = (
        Column("trial", 5, right=True),
        *(Column(metric, max(len(metric), 7), right=True) for metric in metrics),
        Column("params", 7, right=True),
        Column("epoch", _epochs_width(trials), right=True),
        Column("network"),
    )
    rows = [
        [
            str(trial.number),
            *(cost(*pair) for pair in zip(metrics, trial.values, strict=True)),
            cost("params", trial.costs.get("params")),
            f"{trial.epoch or '–'}/{trial.epochs}",
            trial.notation,
        ]
        for trial in trials
    ]
    keys = tuple(trial.number for trial in trials)
    return Table(columns, keys, rows.__getitem__, "no trial is complete yet")
