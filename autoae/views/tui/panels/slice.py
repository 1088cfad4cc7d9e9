"""One knob against the objective: a dot for every complete trial."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widgets import Static

from autoae.views.plots.focus import focus
from autoae.views.plots.knobs import Knob, spread, varied
from autoae.views.tui.canvas import Axis, Drawing, Point, scatter
from autoae.views.tui.chart import Chart
from autoae.views.tui.keys import bindings
from autoae.views.tui.panels.panel import Panel, Recipe, axis
from autoae.views.tui.source import StudyView

_SPREAD = 0.5


@dataclass(frozen=True)
class Slice:
    """What the panel shows.

    Attributes:
        title: The knob, and which of how many it is.
        drawing: Its plot.
        ticks: The choices below it, where the knob has choices.
        count: How many knobs there are.
    """

    title: str
    drawing: Drawing
    ticks: str
    count: int


class SlicePanel(Panel):
    """A knob at a time."""

    BINDINGS = bindings("slice")
    can_focus = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._place, self._count = 0, 1

    def compose(self) -> ComposeResult:
        """The plot with its choices."""
        yield Static(id="slice-title", classes="title")
        yield Chart()
        yield Static(id="slice-ticks")

    def recipe(self) -> Recipe:
        """The knob that was chosen."""
        place = self._place
        return lambda view: slice_of(view, place)

    def show(self, made: Slice) -> None:
        """Draw it."""
        self._count = made.count
        self.query_one("#slice-title", Static).update(made.title)
        self.query_one(Chart).drawing = made.drawing
        self.query_one("#slice-ticks", Static).update(made.ticks)

    def action_knob(self, step: int) -> None:
        """Show another knob."""
        self._place = (self._place + step) % max(self._count, 1)
        self.changed()


def slice_of(view: StudyView, place: int) -> Slice:
    """The slice of one of the knobs that varied."""
    trials = view.snapshot.of_state("COMPLETE")
    knobs = varied(trials, dict(view.question.domains))
    if not knobs:
        return Slice("no knob has taken two values yet", Drawing(), "", 0)
    knob = knobs[place % len(knobs)]
    points = list[Point]()
    found = focus(view.objective, [trial.values[0] for trial in trials], view.direction)
    for trial in trials:
        position = knob.position(trial.params.get(knob.name))
        if position is not None:
            y = trial.values[0]
            if found is not None:
                y = min(max(y, found.low), found.high)
            shift = _SPREAD * spread(trial.number) if knob.is_choice else 0.0
            points.append((position + shift, y))
    drawing = Drawing((scatter(points),), _axis(knob), axis(view.objective))
    choices = "   ".join(text for _, text in knob.ticks) if knob.is_choice else ""
    title = f"{view.objective} by {knob.name}  ·  {place % len(knobs) + 1} of {len(knobs)} knobs"
    return Slice(title, drawing, f"from left to right: {choices}" if choices else "", len(knobs))


def _axis(knob: Knob) -> Axis:
    def text(position: float) -> str:
        # Both ends of the plot stand beside a tick.
        return min(knob.ticks, key=lambda tick: abs(tick[0] - position))[1]

    return Axis(knob.name, text=text)
