"""Means with their intervals and every value behind them: variants, confirmation, claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.analysis.ledger import Interval
from autoae.views.numbers import figure as number
from autoae.views.plots.theme import BLUE, GREY, ORANGE, Trace, axis_type, drawing
from autoae.views.plots.words import axis_title, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ROW = 26


@dataclass(frozen=True)
class Row:
    """One row of the figure.

    Attributes:
        name: Of the variant or trial.
        values: One for each seed.
        mean: Of the values; None without one.
        interval: Of the mean; None for a single seed.
        published: The figure to set beside it, if any.
    """

    name: str
    values: tuple[float, ...]
    mean: float | None
    interval: Interval | None
    published: float | None = None


def intervals_figure(rows: Sequence[Row], metric: str) -> "Figure":
    """One row each: values faint, the mean with its interval, the published figure as a diamond.

    Args:
        rows: From top to bottom.
        metric: The figure that they show.
    """
    traces = [_values(rows), _means(rows)]
    if any(row.published is not None for row in rows):
        traces.append(_published(rows))
    height = 110 + _ROW * len(rows)
    figure = drawing(traces, title=f"{metric} over seeds", x=axis_title(metric), height=height)
    figure.update_xaxes(axis_type(metric, [row.mean for row in rows]))
    order = [safe(row.name) for row in rows][::-1]
    return figure.update_yaxes(categoryorder="array", categoryarray=order, ticks="")


def _values(rows: Sequence[Row]) -> Trace:
    pairs = [(value, safe(row.name)) for row in rows for value in row.values]
    return {
        "type": "scatter",
        "x": [value for value, _ in pairs],
        "y": [name for _, name in pairs],
        "mode": "markers",
        "name": "each seed",
        "marker": {"color": GREY, "size": 6, "opacity": 0.6},
        "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
    }


def _means(rows: Sequence[Row]) -> Trace:
    known = [(row.name, row.mean, row.interval) for row in rows if row.mean is not None]
    reach = [(mean, interval or Interval(mean, mean)) for _, mean, interval in known]
    return {
        "type": "scatter",
        "x": [mean for _, mean, _ in known],
        "y": [safe(name) for name, _, _ in known],
        "mode": "markers",
        "name": "mean with its 95 % interval",
        "marker": {"color": BLUE, "size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [interval.high - mean for mean, interval in reach],
            "arrayminus": [mean - interval.low for mean, interval in reach],
            "color": BLUE,
            "thickness": 2,
            "width": 4,
        },
        "hovertemplate": "%{y}: mean %{x:.4g}<extra></extra>",
    }


def _published(rows: Sequence[Row]) -> Trace:
    known = [(row.name, row.published) for row in rows if row.published is not None]
    return {
        "type": "scatter",
        "x": [value for _, value in known],
        "y": [safe(name) for name, _ in known],
        "mode": "markers",
        "name": "published",
        "marker": {"color": ORANGE, "size": 11, "symbol": "diamond-open", "line": {"width": 2}},
        "hovertext": [f"{safe(name)}: published {number(value)}" for name, value in known],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
