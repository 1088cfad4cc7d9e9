"""One small panel for each knob: its values against an objective."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from autoae.spec.domains import Domain
from autoae.store.snapshot import State, StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.plots.focus import focus, look
from autoae.views.plots.knobs import Knob, spread, varied
from autoae.views.plots.theme import ORANGE, STATES, Trace, axis_type, drawing
from autoae.views.plots.words import axis_title, hover, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 3
_PANEL = 210


def slices_figure(study: StudySnapshot, domains: dict[str, Domain], objective: int = 0) -> "Figure":
    """Complete trials as points, pruned ones at the last value that they reached.

    Choices have a line at the median of their complete trials.

    Args:
        study: At this moment.
        domains: Every parameter that can occur, by name; those that never varied are left out.
        objective: The index of the objective.
    """
    metric = study.objectives[objective].metric
    trials = [trial for trial in study.trials if len(trial.values) > objective]
    knobs = varied(trials, domains)
    scale = axis_type(metric, [trial.values[objective] for trial in trials])
    traces, layout = list[Trace](), dict[str, Trace]()
    for panel, knob in enumerate(knobs):
        traces += _panel(study, trials, knob, objective, panel)
        layout |= _axes(knob, panel, metric, scale)
    rows = -(-len(knobs) // COLUMNS)
    title = f"{study.name}: {metric} by knob"
    figure = drawing(traces, title=title, height=60 + _PANEL * rows)
    grid = {"rows": rows, "columns": COLUMNS, "pattern": "independent", "xgap": 0.12, "ygap": 0.34}
    figure.update_layout({"grid": grid, **layout})
    complete = [trial.values[objective] for trial in trials if trial.state == "COMPLETE"]
    found = focus(metric, complete, study.objectives[objective].direction)
    return look(figure, found, [trial.values[objective] for trial in trials])


def _panel(
    study: StudySnapshot, trials: Sequence[TrialSnapshot], knob: Knob, objective: int, panel: int
) -> list[Trace]:
    states: tuple[State, ...] = ("PRUNED", "COMPLETE")
    traces = [
        _points(study, _at(trials, knob, state), (knob, objective, panel), state)
        for state in states
    ]
    if knob.is_choice:
        traces.append(_medians(_at(trials, knob, "COMPLETE"), knob, objective))
    axes = {"xaxis": f"x{panel + 1}", "yaxis": f"y{panel + 1}"}
    return [trace | axes for trace in traces]


def _at(trials: Sequence[TrialSnapshot], knob: Knob, state: State) -> list[TrialSnapshot]:
    """The trials of a state that have a place on the axis."""
    return [
        trial
        for trial in trials
        if trial.state == state and knob.position(trial.params.get(knob.name)) is not None
    ]


def _points(
    study: StudySnapshot,
    trials: Sequence[TrialSnapshot],
    place: tuple[Knob, int, int],
    state: State,
) -> Trace:
    knob, objective, panel = place
    color, symbol = STATES[state]
    return {
        "type": "scatter",
        "x": [_x(knob, trial) for trial in trials],
        "y": [trial.values[objective] for trial in trials],
        "mode": "markers",
        "name": "pruned, at its last value" if state == "PRUNED" else state_word(state),
        "legendgroup": state,
        # The legend belongs to all panels, and shows a state only if some panel has it.
        "showlegend": panel == 0 and bool(trials),
        "hovertext": [hover(study, trial) for trial in trials],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": color, "symbol": symbol, "size": 6, "opacity": 0.85},
    }


def _x(knob: Knob, trial: TrialSnapshot) -> float:
    position = knob.position(trial.params.get(knob.name))
    assert position is not None
    return position + (0.35 * spread(trial.number) if knob.is_choice else 0.0)


def _medians(trials: Sequence[TrialSnapshot], knob: Knob, objective: int) -> Trace:
    xs, ys = list[float | None](), list[float | None]()
    for position, _ in knob.ticks:
        here = [
            trial.values[objective]
            for trial in trials
            if knob.position(trial.params.get(knob.name)) == position
        ]
        if here:
            middle = median(here)
            xs += [position - 0.3, position + 0.3, None]
            ys += [middle, middle, None]
    return {
        "type": "scatter",
        "x": xs,
        "y": ys,
        "mode": "lines",
        "name": "median",
        "line": {"color": ORANGE, "width": 2},
        "showlegend": False,
        "hovertemplate": "median %{y:.4g}<extra></extra>",
    }


def _axes(knob: Knob, panel: int, metric: str, scale: Trace) -> dict[str, Trace]:
    margin = 0.5 if knob.is_choice else 0.04 * (knob.high - knob.low)
    x = {
        "title": {"text": knob.name, "font": {"size": 12}, "standoff": 4},
        "tickvals": [position for position, _ in knob.ticks],
        "ticktext": [safe(label) for _, label in knob.ticks],
        "range": [knob.low - margin, knob.high + margin],
    }
    y = {"nticks": 5, **({"matches": "y"} if panel else {}), **scale}
    if panel % COLUMNS == 0:
        y["title"] = {"text": axis_title(metric), "font": {"size": 12}}
    else:
        y["showticklabels"] = False
    suffix = str(panel + 1) if panel else ""
    return {f"xaxis{suffix}": x, f"yaxis{suffix}": y}
