"""Which classes were taken for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autoae.views.plots.correlation import cells, colorbar
from autoae.views.plots.theme import drawing
from autoae.views.plots.words import safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SCALE = [[0.0, "rgba(128,139,150,0.08)"], [1.0, "rgba(42,127,193,0.75)"]]


def confusion_figure(
    counts: NDArray[np.int64], classes: Sequence[str], *, normalized: bool = False
) -> "Figure":
    """Counts, or per cent of the true class, as numbers; the share of each true class as colour.

    Args:
        counts: (classes, classes), true class by predicted one.
        classes: Their names.
        normalized: Whether the numbers are shares.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(100 * counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    names = [safe(name) for name in classes]
    heat = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": shares.round(1).tolist(),
        "customdata": counts.tolist(),
        "zmin": 0,
        "zmax": 100,
        "colorscale": _SCALE,
        "colorbar": colorbar("% of the true class"),
        "hovertemplate": "true %{y}, predicted %{x}: %{customdata} (%{z} %)<extra></extra>",
        "xgap": 1,
        "ygap": 1,
    }
    numbers = shares.round(1) if normalized else counts
    texts = [[f"{number:g}" if number else "" for number in row] for row in numbers.tolist()]
    figure = drawing(
        [heat, cells(names, names, texts)],
        title="confusion",
        x="predicted class",
        y="true class",
        height=140 + 30 * len(names),
    )
    figure.update_xaxes(type="category", showgrid=False, ticks="")
    return figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticks="")
