"""Parallel coordinates: each trial a line through its values of all knobs to its objective.

Drawn with ordinary lines, not with Plotly's own parallel coordinates: those need WebGL, have no
labels under the pointer and no place for a knob that does not apply to a trial.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from autoae.spec.domains import Domain, FloatRange
from autoae.spec.settings import Objective
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.plots.focus import focus
from autoae.views.plots.knobs import Knob, knob, spread, varied
from autoae.views.plots.theme import BLUE, GREY, ORANGE, Trace, drawing
from autoae.views.plots.words import hover, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ABSENT = -0.12
_LETTERS = 130
"""That fit side by side."""
_PARTS = (
    "the best fifth",
    "the second fifth",
    "the third fifth",
    "the fourth fifth",
    "the last fifth",
)
_LOOKS = (
    (ORANGE, 2.2, 0.95),
    (BLUE, 1.4, 0.75),
    (BLUE, 1.0, 0.4),
    (GREY, 1.0, 0.5),
    (GREY, 1.0, 0.35),
)


def parallel_figure(
    study: StudySnapshot, domains: dict[str, Domain], objective: int = 0
) -> "Figure":
    """The complete trials over all knobs that varied, coloured by fifths of an objective.

    Args:
        study: At this moment.
        domains: Every parameter that can occur, by name.
        objective: The index of the objective, which is the last axis.
    """
    aim = study.objectives[objective]
    trials = sorted(
        study.of_state("COMPLETE"),
        key=lambda trial: trial.values[objective] * (-1 if aim.direction == "maximize" else 1),
    )
    values = [trial.values[objective] for trial in trials]
    knobs = varied(trials, domains)
    last = _aim(aim, values)
    rows = [
        [*(_place(trial, each) for each in knobs), min(max(last.fraction(value) or 0.0, 0.0), 1.0)]
        for trial, value in zip(trials, values, strict=True)
    ]
    parts = reversed(range(min(len(_PARTS), len(trials))))
    title = f"{study.name}: knobs of every complete trial"
    figure = drawing([_lines(study, trials, rows, part) for part in parts], title=title, height=430)
    absent = any(_ABSENT in row for row in rows)
    return figure.update_layout(_layout([*knobs, last], absent=absent))


def _aim(aim: Objective, values: Sequence[float]) -> Knob:
    """The axis of the objective; what lies outside its focus stands at its end, which says so."""
    found = focus(aim.metric, values, aim.direction)
    if found is None:
        return knob(aim.metric, FloatRange(min(values), max(values)))
    low, high = (found.low, max(values)) if found.side == "below" else (min(values), found.high)
    whole = knob(aim.metric, FloatRange(low, high))
    ends = {low: "≤ "} if found.side == "below" else {high: "≥ "}
    ticks = tuple((place, f"{ends.get(place, '')}{text}") for place, text in whole.ticks)
    return replace(whole, ticks=ticks)


def _place(trial: TrialSnapshot, knob: Knob) -> float:
    fraction = knob.fraction(trial.params.get(knob.name))
    if fraction is None:
        return _ABSENT
    return fraction + (0.03 * spread(trial.number) if knob.is_choice else 0.0)


def _lines(
    study: StudySnapshot,
    trials: Sequence[TrialSnapshot],
    rows: Sequence[Sequence[float]],
    part: int,
) -> Trace:
    """The lines of one fifth of the trials, as one trace with gaps."""
    chosen = [index for index in range(len(trials)) if index * len(_PARTS) // len(trials) == part]
    xs, ys, texts = list[int | None](), list[float | None](), list[str | None]()
    for index in chosen:
        xs += [*range(len(rows[index])), None]
        ys += [*rows[index], None]
        texts += [hover(study, trials[index])] * len(rows[index]) + [None]
    color, width, opacity = _LOOKS[part]
    return {
        "type": "scatter",
        "x": xs,
        "y": ys,
        "mode": "lines",
        "line": {"color": color, "width": width},
        "opacity": opacity,
        "name": _PARTS[part],
        "legendrank": part,
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _layout(knobs: Sequence[Knob], *, absent: bool) -> Trace:
    room = _LETTERS // len(knobs)
    names = [_broken(knob.name, room) for knob in knobs]
    x = {
        "tickvals": list(range(len(knobs))),
        "ticktext": names,
        "range": [-0.3, len(knobs) - 0.35],
        "tickangle": 0,
        "showgrid": True,
        "ticks": "",
        "zeroline": False,
    }
    y = {"visible": False, "range": [_ABSENT - 0.06 if absent else -0.06, 1.06]}
    labels = [
        _label(index, (position - knob.low) / (knob.high - knob.low or 1), text, room)
        for index, knob in enumerate(knobs)
        for position, text in knob.ticks
    ]
    if absent:
        labels.append(_label(0, _ABSENT, "does not apply", _LETTERS))
    return {"xaxis": x, "yaxis": y, "annotations": labels, "legend": {"traceorder": "normal"}}


def _broken(name: str, room: int) -> str:
    """A dotted name in lines; the number of a layer stays with what it counts."""
    words = re.sub(r"\.(?=\D)", "\n", name).split("\n")
    fitting = (word if len(word) <= room else word.replace("_", "_<br>") for word in words)
    return "<br>".join(fitting)


def _label(index: int, height: float, text: str, room: int) -> Trace:
    return {
        "x": index,
        "y": height,
        "text": safe(text if len(text) <= room else f"{text[: room - 1]}…"),
        "xanchor": "left",
        "xshift": 4,
        "showarrow": False,
        "font": {"size": 11},
    }
