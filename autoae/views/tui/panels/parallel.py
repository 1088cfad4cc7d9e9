"""Parallel coordinates: each trial a line through its knobs to its objective."""

from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from autoae.views.plots.knobs import Knob, varied
from autoae.views.tui.canvas import Canvas
from autoae.views.tui.looks import style_of
from autoae.views.tui.panels.panel import Panel, Recipe
from autoae.views.tui.source import StudyView

_MOST = 300
"""Lines that still tell something: the best, and every n-th of the others."""
_LEAST_WIDTH = 9


@dataclass(frozen=True)
class Lines:
    """What the panel shows.

    Attributes:
        names: Of the axes, the objective last.
        ends: The lowest and highest label of each axis.
        trials: The places of each trial from 0 to 1, None where a knob does not apply; the
            worst first.
        best: How many at the end are the best fifth.
    """

    names: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    trials: tuple[tuple[float | None, ...], ...]
    best: int


class ParallelPanel(Panel):
    """All knobs at once."""

    def compose(self) -> ComposeResult:
        """The plot."""
        yield Static("━ the best fifth of the complete trials, and the others", classes="title")
        yield ParallelPlot()

    def recipe(self) -> Recipe:
        """The same for everybody."""
        return lines_of

    def show(self, made: Lines) -> None:
        """Draw it."""
        self.query_one(ParallelPlot).lines = made


class ParallelPlot(Widget):
    """The lines, as large as the widget."""

    lines: reactive[Lines | None] = reactive(None)

    def render(self) -> Text:
        """Axes, lines and labels."""
        made = self.lines
        if made is None or not made.trials:
            return Text("no trial is complete yet", "dim")
        width, height = self.size
        fits = max(2, min(len(made.names), width // _LEAST_WIDTH))
        # The objective is the last axis, however many knobs there is room for.
        chosen = [*range(fits - 1), len(made.names) - 1]
        canvas = Canvas(width, max(height - 3, 1))
        places = [(column + 0.5) / fits for column in range(fits)]
        faint, bold = style_of(self.app, "primary", faint=True), style_of(self.app, "success")
        for number, trial in enumerate(made.trials):
            style = bold if number >= len(made.trials) - made.best else faint
            points = [(x, trial[axis]) for x, axis in zip(places, chosen, strict=True)]
            for (x, y), (other_x, other_y) in pairwise(points):
                if y is not None and other_y is not None:
                    canvas.line((x, y), (other_x, other_y), style)
        for x in places:
            for step in range(4 * canvas.height):
                canvas.dot(x, step / (4 * canvas.height), style_of(self.app, "", faint=True))
        tops = [made.ends[axis][1] for axis in chosen]
        lows = [made.ends[axis][0] for axis in chosen]
        names = [_short(made.names[axis]) for axis in chosen]
        left = len(made.names) - fits
        if left:
            names[-2] += f" (+{left})"
        rows = [_labels(tops, width, "dim"), *canvas.lines()]
        return Text("\n").join([*rows, _labels(lows, width, "dim"), _labels(names, width, "bold")])


def lines_of(view: StudyView) -> Lines:
    """The complete trials over the knobs that varied."""
    better = -1 if view.direction == "maximize" else 1
    trials = sorted(view.snapshot.of_state("COMPLETE"), key=lambda trial: -better * trial.values[0])
    knobs = varied(trials, dict(view.question.domains))
    best = max(1, len(trials) // 5)
    others = trials[: len(trials) - best]
    step = max(1, len(others) // _MOST)
    shown = [*others[::step], *trials[len(trials) - best :][-_MOST:]]
    ranks = {trial.number: place for place, trial in enumerate(trials)}
    made = tuple(
        (
            *(_place(knob, trial.params.get(knob.name)) for knob in knobs),
            ranks[trial.number] / max(len(trials) - 1, 1),
        )
        for trial in shown
    )
    ends = [(knob.ticks[0][1], knob.ticks[-1][1]) for knob in knobs]
    return Lines(
        (*(knob.name for knob in knobs), view.objective),
        (*ends, ("worst", "best")),
        made,
        min(best, _MOST),
    )


def _place(knob: Knob, value: object) -> float | None:
    fraction = knob.fraction(value)  # type: ignore[arg-type]
    return None if fraction is None else min(max(fraction, 0.0), 1.0)


def _short(name: str) -> str:
    """The last word of a name; of the width of a layer the last two."""
    words = name.split(".")
    return ".".join(words[-2:]) if words[-1].isdecimal() else words[-1]


def _labels(texts: list[str], width: int, style: str) -> Text:
    room = width // len(texts)
    shown = (text if len(text) < room else f"{text[: room - 2]}…" for text in texts)
    return Text("".join(text.center(room) for text in shown), style, no_wrap=True)
