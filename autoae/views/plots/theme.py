"""How every figure looks: colours that read on light and dark grounds, fonts, grids, margins.

The colours are told apart with any kind of colour vision (they differ in lightness or hue along
the blue-orange axis), and each has a contrast of at least 3:1 to both grounds. Where a state or a
rank matters a symbol, a dash or a label says it too.
"""

import math
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from autoae.views.numbers import short

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from plotly.graph_objs.layout import Template

Trace = dict[str, Any]
"""A trace as Plotly takes it."""

BLUE, ORANGE, GREEN = "#2a7fc1", "#d9622b", "#1b9a78"
PURPLE, OCHRE, PINK, GREY = "#a868c4", "#b0821c", "#c9578f", "#808b96"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, OCHRE, PINK)
DASHES = ("solid", "dash", "dot")
"""Of lines; each goes with every colour, so that as many lines are told apart as both give."""
CLASSES = (*SERIES, "#5b6ee1", "#5f8f1f", "#0f93a6", "#a0654a")
"""One for each of ten classes; where they meet their names stand beside them."""

STATES = {
    "COMPLETE": (BLUE, "circle"),
    "PRUNED": (OCHRE, "triangle-down-open"),
    "FAIL": (PINK, "x-thin-open"),
    "RUNNING": (GREEN, "circle-open"),
    "WAITING": (GREY, "square-open"),
}
"""Colour and symbol of each state."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CLEAR = "rgba(0,0,0,0)"
COUNTS = ("params", "flops")
"""Figures that span magnitudes and are read as 10k, 1M."""

COLORBAR = {"thickness": 12, "outlinewidth": 0, "tickfont": {"size": 11}}
"""The looks of the scale beside a heatmap."""

# Ink, faint ink, grid, ground of the page and of a hover label.
_LIGHT = ("#24292f", "#59636e", "#e4e8ec", "255,255,255")
_DARK = ("#dfe4ea", "#9aa5b1", "#2c333b", "20,24,29")
# Of either ground: an ink of 4:1 to white and to the dark of a page.
_NEUTRAL = ("#7a828b", "#7a828b", "rgba(128,139,150,0.25)", "255,255,255")
_DIGITS = ((1, 2, 5), (1,))
_TICKS = 8
_NARROW = 4


def theme(*, dark: bool = False) -> Trace:
    """The template of all figures, as Plotly takes it."""
    return _template(*(_DARK if dark else _LIGHT))


@cache
def light() -> "Template":
    """The template of figures as they are drawn: ours over Plotly's own.

    To lay one over the other takes Plotly a tenth of a second, more than all else of a figure.
    """
    return _over_plotlys(theme())


@cache
def neutral() -> "Template":
    """The template of figures whose ground is not known: it may be light or dark."""
    template = _template(*_NEUTRAL)
    template["layout"]["hoverlabel"]["font"]["color"] = _LIGHT[0]
    template["layout"]["annotationdefaults"]["bgcolor"] = CLEAR
    return _over_plotlys(theme(), template)


def _over_plotlys(*templates: Trace) -> "Template":
    from plotly.graph_objects import Figure

    figure = Figure()
    for template in templates:
        figure.update_layout(template=template)
    return figure.layout.template


def _template(ink: str, faint: str, grid: str, ground: str) -> Trace:
    axis = {
        "gridcolor": grid,
        "linecolor": faint,
        "zerolinecolor": grid,
        "tickfont": {"color": faint, "size": 12},
        "title": {"font": {"size": 13, "color": ink}, "standoff": 10},
        "automargin": True,
        "exponentformat": "e",
        "ticks": "outside",
        "tickcolor": grid,
        "ticklen": 4,
    }
    layout = {
        "font": {"family": FONT, "size": 13, "color": ink},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "colorway": list(SERIES),
        "xaxis": axis,
        "yaxis": axis,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12},
        },
        "hoverlabel": {
            "align": "left",
            "bgcolor": f"rgb({ground})",
            "bordercolor": faint,
            "font": {"color": ink, "size": 12},
        },
        "scene": {
            "bgcolor": CLEAR,
            **{f"{name}axis": _space_axis(ink, faint, grid) for name in "xyz"},
        },
        "modebar": {"bgcolor": CLEAR, "color": faint, "activecolor": ink},
        "annotationdefaults": {
            "bgcolor": f"rgba({ground},0.75)",
            "font": {"color": ink},
            "showarrow": False,
        },
    }
    return {"layout": layout}


def _space_axis(ink: str, faint: str, grid: str) -> Trace:
    return {
        "gridcolor": grid,
        "zerolinecolor": grid,
        "showbackground": False,
        "tickfont": {"color": faint, "size": 11},
        "title": {"font": {"size": 12, "color": ink}},
    }


def drawing(
    traces: Iterable[Trace] = (), *, title: str = "", x: str = "", y: str = "", height: int = 380
) -> "Figure":
    """A figure in the light theme.

    Args:
        traces: What it shows.
        title: Above it; a report has its own headings and leaves it out.
        x: Title of the horizontal axis.
        y: Title of the vertical axis.
        height: In pixels; the width follows the page.
    """
    from plotly.graph_objects import Figure

    layout: Trace = {
        "template": light(),
        "height": height,
        "hovermode": "closest",
        "font": {"family": FONT},
        "margin": {"l": 12, "r": 12, "t": 48 if title else 36, "b": 12},
    }
    if title:
        layout["title"] = {"text": title, "x": 0, "xref": "paper", "font": {"size": 15}}
    figure = Figure(list(traces), layout)
    if x:
        figure.update_xaxes(title_text=x)
    if y:
        figure.update_yaxes(title_text=y)
    return figure


def axis_type(name: str, values: Iterable[float | None] = ()) -> Trace:
    """How an axis of a figure is scaled: counts by magnitudes, all others evenly.

    Args:
        name: Of an objective, a metric or a cost.
        values: What stands on it, for the ticks of a count.
    """
    if name not in COUNTS:
        return {}
    known = [value for value in values if value]
    ticks = _count_ticks(min(known), max(known)) if known else []
    return {"type": "log", "tickvals": ticks, "ticktext": [_tick(tick) for tick in ticks]}


def _tick(value: float) -> str:
    """A count without needless zeros: `5k`, `7.5k`."""
    text = short(value)
    unit = text.lstrip("0123456789.")
    return f"{float(text.removesuffix(unit)):g}{unit}"


def _count_ticks(low: float, high: float) -> list[float]:
    """Round numbers around the values: even steps over a small range, else round digits."""
    if high < _NARROW * low:
        # A label has three digits: finer steps would repeat it.
        step = _round(max((high - low or low) / 5, high / 100))
        first = max(1, math.floor(low / step))
        return [step * count for count in range(first, math.ceil(high / step) + 2)]
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = list[float]()
    for digits in _DIGITS:
        ticks = [float(digit * 10.0**power) for power in powers for digit in digits]
        if sum(low <= tick <= high for tick in ticks) <= _TICKS:
            break
    return ticks


def _round(value: float) -> float:
    """The next larger of 1, 2, 5 and 10 times a magnitude."""
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(digit * magnitude for digit in (1, 2, 5, 10) if digit * magnitude >= value)
