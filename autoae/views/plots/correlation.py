"""A heatmap of how every knob goes with every figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoae.analysis.correlations import Correlations
from autoae.views.plots.theme import COLORBAR, Trace, drawing
from autoae.views.plots.words import safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ROW = 26
# Next to nothing in the middle: the ground of the page is the colour of "no correlation".
_SCALE = [
    [0.0, "rgba(42,127,193,0.75)"],
    [0.5, "rgba(128,139,150,0.08)"],
    [1.0, "rgba(217,98,43,0.75)"],
]


def correlation_figure(found: Correlations) -> "Figure":
    """Knobs down, figures along.

    Args:
        found: Without a problem.
    """
    columns, rows = ([safe(name) for name in names] for names in (found.figures, found.knobs))
    heat = {
        "type": "heatmap",
        "x": columns,
        "y": rows,
        "z": [list(row) for row in found.values],
        "zmin": -1,
        "zmax": 1,
        "colorscale": _SCALE,
        "colorbar": colorbar("rank correlation"),
        "hovertemplate": "%{y}<br>%{x}: %{z:.2f}<extra></extra>",
        "xgap": 2,
        "ygap": 2,
    }
    texts = [["" if value is None else f"{value:+.2f}" for value in row] for row in found.values]
    height = 150 + _ROW * len(rows)
    figure = drawing([heat, cells(columns, rows, texts)], title="rank correlations", height=height)
    figure.update_xaxes(side="top", showgrid=False, tickangle=-35, ticks="")
    return figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")


def cells(columns: Sequence[str], rows: Sequence[str], texts: Sequence[Sequence[str]]) -> Trace:
    """The texts in the cells of a heatmap, in the ink of the page: readable in any theme."""
    return {
        "type": "scatter",
        "x": list(columns) * len(rows),
        "y": [row for row in rows for _ in columns],
        "text": [text for row in texts for text in row],
        "mode": "text",
        "textfont": {"size": 11},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def colorbar(title: str) -> Trace:
    """The scale beside a heatmap."""
    return {**COLORBAR, "title": {"text": title, "side": "right", "font": {"size": 12}}}
