"""Bars of how much each parameter mattered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoae.analysis.importance import Importance
from autoae.views.plots.theme import SERIES, Trace, drawing
from autoae.views.plots.words import safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LEAST = 0.005
"""A share that is shown at least."""


def importance_figure(found: Sequence[Importance]) -> "Figure":
    """The shares that are worth a bar, one colour for each objective.

    Args:
        found: Those without a problem; the first one orders the parameters.
    """
    shares = [share for each in found for share in each.shares.items()]
    names = list(dict.fromkeys(name for name, share in shares if share >= LEAST))
    title = "share of each parameter in reaching good values"
    height = 90 + len(names) * (18 + 8 * len(found))
    bars = [_bars(each, names, color) for each, color in zip(found, SERIES, strict=False)]
    figure = drawing(bars, title=title, x="share (%)", height=height)
    figure.update_layout(bargap=0.35, showlegend=len(found) > 1)
    return figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")


def _bars(found: Importance, names: Sequence[str], color: str) -> Trace:
    shares = [100 * found.shares.get(name, 0.0) for name in names]
    return {
        "type": "bar",
        "orientation": "h",
        "x": shares,
        "y": [safe(name) for name in names],
        "name": found.metric,
        "marker": {"color": color},
        "text": [f"{share:.0f} %" for share in shares],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.1f} %<extra></extra>",
    }
