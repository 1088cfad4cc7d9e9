"""Every run against the time at which it was created, with the best so far."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autoae.spec.settings import Objective
from autoae.store.snapshot import State, StudySnapshot, TrialSnapshot
from autoae.views.board import better, state_word
from autoae.views.plots.focus import focus, look
from autoae.views.plots.theme import ORANGE, STATES, Trace, axis_type, drawing
from autoae.views.plots.words import axis_title, hover

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def history_figure(study: StudySnapshot, objective: int = 0) -> "Figure":
    """Values of complete trials, last values of pruned ones, and the best complete one so far.

    Args:
        study: At this moment; trials without a value or without a start are left out.
        objective: Its index.
    """
    shown = [
        trial for trial in study.trials if trial.started and _value(trial, objective) is not None
    ]
    states: tuple[State, ...] = ("COMPLETE", "PRUNED", "RUNNING")
    traces = [
        _points(study, [trial for trial in shown if trial.state == state], state, objective)
        for state in states
        if any(trial.state == state for trial in shown)
    ]
    complete = [trial for trial in shown if trial.state == "COMPLETE"]
    aim = study.objectives[objective]
    title = f"{study.name}: {aim.metric} of every run"
    figure = drawing(
        [*traces, _best_so_far(complete, aim, objective)],
        title=title,
        x="created (local time)",
        y=axis_title(aim.metric),
    )
    heights = [value for trial in shown if (value := _value(trial, objective)) is not None]
    figure.update_yaxes(axis_type(aim.metric, heights))
    known = [trial.values[objective] for trial in complete]
    return look(figure, focus(aim.metric, known, aim.direction), heights)


def _value(trial: TrialSnapshot, objective: int) -> float | None:
    """Its value; of an unfinished trial the newest one of its curve."""
    if len(trial.values) > objective:
        return trial.values[objective]
    curve = list(trial.curves.values())[objective:][:1]
    return curve[0][-1][1] if curve and curve[0] else None


def _points(
    study: StudySnapshot, trials: Sequence[TrialSnapshot], state: State, objective: int
) -> Trace:
    color, symbol = STATES[state]
    return {
        "type": "scatter",
        "x": [trial.started for trial in trials],
        "y": [_value(trial, objective) for trial in trials],
        "mode": "markers",
        "name": state_word(state),
        "hovertext": [hover(study, trial) for trial in trials],
        "hovertemplate": "%{hovertext}<br>%{x|%Y-%m-%d %H:%M:%S}<extra></extra>",
        "marker": {
            "color": color,
            "symbol": symbol,
            "size": 8,
            "line": {"width": 1.5, "color": color},
        },
    }


def _best_so_far(trials: Iterable[TrialSnapshot], aim: Objective, objective: int) -> Trace:
    xs, ys = [], list[float]()
    # A value is known when its trial has ended, but the trial stands where it was created.
    for trial in sorted(trials, key=lambda trial: trial.number):
        value = trial.values[objective]
        xs.append(trial.started)
        ys.append(value if not ys or better(value, ys[-1], aim) else ys[-1])
    return {
        "type": "scatter",
        "x": xs,
        "y": ys,
        "mode": "lines",
        "name": "best so far",
        "line": {"color": ORANGE, "width": 2, "shape": "hv"},
        "hovertemplate": "best so far %{y:.4g}<extra></extra>",
    }
