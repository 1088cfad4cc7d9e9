"""What depth does: curves of several networks, figures against depth, gradients by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.analysis.groups import Mean
from autoae.store.snapshot import Curve
from autoae.views.plots.theme import SERIES, Trace, drawing
from autoae.views.plots.words import axis_title, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Line:
    """One network's curve.

    Attributes:
        name: Of the network.
        curve: What stands along and what up, such as epoch and loss.
        color: Place in the colours of a series.
        dash: Place in the dashes.
    """

    name: str
    curve: Curve
    color: int
    dash: int = 0


def lines_figure(lines: Sequence[Line], *, title: str, x: str, y: str) -> "Figure":
    """Curves of several networks; the upward axis is of magnitudes."""
    drawn = drawing([_line(each) for each in lines], title=title, x=x, y=y, height=440)
    drawn.update_yaxes(type="log")
    return drawn


def depth_figure(series: Mapping[str, Mapping[int, Mean]], metric: str) -> "Figure":
    """A figure against depth, one line for each series, with 95 % intervals over seeds.

    Args:
        series: By name; the mean of each depth.
        metric: What the means are of.
    """
    traces = [
        _against_depth(name, means, number) for number, (name, means) in enumerate(series.items())
    ]
    drawn = drawing(traces, title=f"{metric} against depth", x="depth", y=axis_title(metric))
    depths = sorted({depth for means in series.values() for depth in means})
    drawn.update_xaxes(type="log", tickvals=depths, ticktext=[str(depth) for depth in depths])
    return drawn


def _line(line: Line) -> Trace:
    return {
        "type": "scatter",
        "x": [place for place, _ in line.curve],
        "y": [value for _, value in line.curve],
        "mode": "lines+markers" if len(line.curve) == 1 else "lines",
        "name": safe(line.name),
        "line": {
            "color": SERIES[line.color % len(SERIES)],
            "dash": DASHES[line.dash % len(DASHES)],
            "width": 2,
        },
    }


def _against_depth(name: str, means: Mapping[int, Mean], number: int) -> Trace:
    reach = [(m.interval.high - m.mean if m.interval else 0.0) for m in means.values()]
    return {
        "type": "scatter",
        "x": list(means),
        "y": [mean.mean for mean in means.values()],
        "error_y": {"type": "data", "array": reach, "visible": any(reach), "thickness": 1},
        "mode": "lines+markers",
        "name": safe(name),
        "line": {"color": SERIES[number % len(SERIES)], "dash": DASHES[number % len(DASHES)]},
    }
