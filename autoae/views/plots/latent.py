"""Latents along their principal components, in the plane and in space."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from autoae.analysis.latent import LatentView
from autoae.views.numbers import figure as number
from autoae.views.plots.theme import CLASSES, Trace, drawing
from autoae.views.plots.words import safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_COLUMNS = 2
_PANEL = 360
_SPACE = 600
_CAMERA = {"eye": {"x": 1.5, "y": 1.5, "z": 1.1}, "center": {"x": 0, "y": 0, "z": -0.15}}
_LEGEND = {"itemsizing": "constant"}
_SIZES = {"scatter": 5, "scatter3d": 3}
_DIGITS = 4
"""Of a coordinate: more would make the page large and no point move."""


def plane_figure(views: Mapping[str, LatentView], classes: Sequence[str]) -> "Figure":
    """One panel for each latent: its first two components, a colour for each class.

    Args:
        views: By the name of the trial or variant; each has two components.
        classes: Names, by label.
    """
    traces, layout, titles = list[Trace](), dict[str, Trace](), list[Trace]()
    for panel, (name, view) in enumerate(views.items()):
        suffix = str(panel + 1) if panel else ""
        place: Trace = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        place |= {} if panel == 0 else {"showlegend": False}
        traces += [each | place for each in _traces(view, classes, "scatter")]
        layout |= {f"{axis}axis{suffix}": _axis(view, index) for index, axis in enumerate("xy")}
        titles.append(_title(f"<b>{safe(name)}</b><br>{_said(view)}", suffix))
    columns = min(_COLUMNS, len(views))
    rows = -(-len(views) // columns)
    grid = {"rows": rows, "columns": columns, "pattern": "independent", "ygap": 0.32, "xgap": 0.2}
    title = "principal components of the latent"
    figure = drawing(traces, title=title, height=100 + _PANEL * rows)
    figure.update_layout({"grid": grid, "annotations": titles, **layout})
    # Above the titles of the panels.
    return figure.update_layout(legend={"y": 1 + 0.14 / rows, **_LEGEND}, margin={"t": 90})


def space_figure(view: LatentView, classes: Sequence[str]) -> "Figure":
    """The first three components.

    Args:
        view: With three components.
        classes: Names, by label.
    """
    title = "principal components of the latent, in space"
    figure = drawing(_traces(view, classes, "scatter3d"), title=title, height=_SPACE)
    axes = {f"{axis}axis": _axis(view, index) for index, axis in enumerate("xyz")}
    figure.update_layout(legend=_LEGEND)
    return figure.update_layout(scene={**axes, "aspectmode": "cube", "camera": _CAMERA})


def _traces(view: LatentView, classes: Sequence[str], kind: str) -> list[Trace]:
    """The points of each class, then the names of the classes at their middles."""
    names = {
        label: safe(classes[label] if label < len(classes) else str(label))
        for label in np.unique(view.labels).tolist()
    }
    middles = [view.points[view.labels == label].mean(0) for label in names]
    return [
        *(_points(view, label, name, kind) for label, name in names.items()),
        _names(np.array(middles), names.values(), kind),
    ]


def _points(view: LatentView, label: int, name: str, kind: str) -> Trace:
    return {
        "type": kind,
        **_places(view.points[view.labels == label], kind),
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "hovertemplate": "%{fullData.name}<extra></extra>",
        "marker": {
            "color": CLASSES[label % len(CLASSES)],
            "size": _SIZES[kind],
            "opacity": 0.6,
        },
    }


def _names(middles: npt.NDArray[np.float64], names: Iterable[str], kind: str) -> Trace:
    return {
        "type": kind,
        **_places(middles, kind),
        "mode": "text",
        "text": [f"<b>{name}</b>" for name in names],
        "textfont": {"size": 14},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _places(rows: npt.NDArray[np.float64], kind: str) -> dict[str, list[float]]:
    axes = "xy" if kind == "scatter" else "xyz"
    return {
        axis: [float(f"{value:.{_DIGITS}g}") for value in rows[:, index]]
        for index, axis in enumerate(axes)
    }


def _axis(view: LatentView, index: int) -> Trace:
    return {"title": {"text": f"component {index + 1} ({view.explained[index]:.0%})"}}


def _title(text: str, suffix: str) -> Trace:
    """Above a panel, at its left."""
    return {
        "text": text,
        "xref": f"x{suffix} domain",
        "yref": f"y{suffix} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "font": {"size": 12},
    }


def _said(view: LatentView) -> str:
    parts = [f"{sum(view.explained[:2]):.0%} of the variance"]
    parts += [] if view.silhouette is None else [f"silhouette {number(view.silhouette)}"]
    parts += [] if view.probe is None else [f"probe {view.probe:.1%}"]
    return ", ".join(parts)
