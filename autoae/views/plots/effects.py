"""The knob ledger as a picture: the effect of each change with its interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoae.analysis.ledger import Effect, Interval
from autoae.views.numbers import figure as number
from autoae.views.plots.theme import GREEN, GREY, PINK, Trace, drawing
from autoae.views.plots.words import axis_title, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ROW = 26
_LOOKS = {"helps": (GREEN, "circle"), "hurts": (PINK, "diamond")}


def effects_figure(effects: Sequence[Effect], metric: str) -> "Figure":
    """One row for each comparison: estimate, 95 % interval, and thin that of all together.

    Args:
        effects: On one metric; those without an estimate are left out.
        metric: Its name.
    """
    shown = [effect for effect in effects if effect.estimate is not None]
    groups: dict[str, list[Effect]] = {}
    for effect in shown:
        groups.setdefault(effect.verdict, []).append(effect)
    traces = [*_reaches(shown), *(_points(group, word) for word, group in groups.items())]
    figure = drawing(
        traces,
        title=f"effects on {metric}",
        x=f"change of {axis_title(metric)}",
        height=110 + _ROW * len(shown),
    )
    figure.add_vline(x=0, line={"width": 1, "color": GREY})
    rows = [label(effect) for effect in shown]
    return figure.update_yaxes(
        categoryorder="array", categoryarray=rows[::-1], showgrid=False, ticks=""
    )


def label(effect: Effect) -> str:
    """A comparison in words: `training.lr: 0.1 against 0.01`."""
    against = f" against {effect.reference}" if effect.reference else ""
    return safe(f"{effect.knob}: {effect.level}{against}")


def _reaches(effects: Sequence[Effect]) -> list[Trace]:
    """The intervals as lines: thin for all comparisons together, thick for one alone."""
    kinds = (("simultaneous", 1.0, "95 %, all together"), ("interval", 3.5, "95 %, one alone"))
    traces = []
    for name, width, title in kinds:
        xs, ys = list[float | None](), list[str | None]()
        for effect in effects:
            reach: Interval | None = getattr(effect, name)
            if reach is not None:
                xs += [reach.low, reach.high, None]
                ys += [label(effect)] * 2 + [None]
        traces.append(_line(xs, ys, width, title))
    return traces


def _line(xs: Sequence[float | None], ys: Sequence[str | None], width: float, title: str) -> Trace:
    return {
        "type": "scatter",
        "x": xs,
        "y": ys,
        "mode": "lines",
        "name": title,
        "line": {"color": GREY, "width": width},
        "hoverinfo": "skip",
    }


def _points(effects: Sequence[Effect], verdict: str) -> Trace:
    color, symbol = _LOOKS.get(verdict, (GREY, "circle-open"))
    return {
        "type": "scatter",
        "x": [effect.estimate for effect in effects],
        "y": [label(effect) for effect in effects],
        "mode": "markers",
        "name": verdict,
        "marker": {
            "color": color,
            "symbol": symbol,
            "size": 10,
            "line": {"width": 2, "color": color},
        },
        "hovertext": [_hover(effect) for effect in effects],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hover(effect: Effect) -> str:
    reach = effect.interval
    between = f" [{number(reach.low)}, {number(reach.high)}]" if reach else ""
    p = "" if effect.corrected_p is None else f"<br>corrected p {number(effect.corrected_p)}"
    count = (
        f"{effect.count} pairs"
        if effect.count == effect.reference_count
        else f"{effect.count} trials"
    )
    return f"<b>{label(effect)}</b><br>{number(effect.estimate)}{between}{p}<br>{count}"
