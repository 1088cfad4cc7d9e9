"""Complete trials in two figures, and the front that they make."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoae.analysis.figures import direction_of, figure_of
from autoae.analysis.front import front
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.plots.focus import focus, look
from autoae.views.plots.theme import GREY, ORANGE, Trace, axis_type, drawing
from autoae.views.plots.words import axis_title, hover

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def front_figure(study: StudySnapshot, x: str = "params", y: str | None = None) -> "Figure":
    """A point for every complete trial, a line through those that no other beats.

    Args:
        study: At this moment.
        x: An objective, a metric or a cost.
        y: Another one; the first objective unless given.
    """
    name = y or study.objectives[0].metric
    best = front(study, x, name)
    rest = [trial for trial in study.of_state("COMPLETE") if trial not in best]
    traces = [_points(study, best, (x, name), "front") | _stands_out(study, x)]
    if rest:
        traces.insert(0, _points(study, rest, (x, name), "other complete trials"))
    title = f"{study.name}: {name} against {x}"
    figure = drawing(traces, title=title, x=axis_title(x), y=axis_title(name), height=420)
    shown = (*best, *rest)
    figure.update_xaxes(axis_type(x, [figure_of(study, trial, x) for trial in shown]))
    heights = [value for trial in shown if (value := figure_of(study, trial, name)) is not None]
    figure.update_yaxes(axis_type(name, heights))
    return look(figure, focus(name, heights, direction_of(study, name)), heights)


def _points(
    study: StudySnapshot, trials: Sequence[TrialSnapshot], names: tuple[str, str], title: str
) -> Trace:
    xs, ys = ([figure_of(study, trial, name) for trial in trials] for name in names)
    return {
        "type": "scatter",
        "x": xs,
        "y": ys,
        "mode": "markers",
        "name": title,
        "hovertext": [hover(study, trial) for trial in trials],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": GREY, "size": 7, "opacity": 0.85},
    }


def _stands_out(study: StudySnapshot, x: str) -> Trace:
    # A step is the honest line: between two trials nothing better than the left one is known
    # where less of `x` is better, and than the right one where more is.
    shape = "hv" if direction_of(study, x) == "minimize" else "vh"
    return {
        "mode": "lines+markers",
        "line": {"color": ORANGE, "width": 2, "shape": shape},
        "marker": {"color": ORANGE, "size": 10, "symbol": "diamond"},
    }
