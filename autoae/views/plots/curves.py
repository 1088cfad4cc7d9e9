"""Learning curves, overlaid: every trial of a study, and training against validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot
from autoae.views.plots.theme import DASHES, GREY, SERIES, Trace, drawing
from autoae.views.plots.words import axis_title, hover, safe

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class LossCurves:
    """The loss of one trial, on what it learned from and on what it did not.

    Attributes:
        name: Of the trial or variant.
        training: By epoch.
        validation: By epoch.
    """

    name: str
    training: Curve
    validation: Curve


def curves_figure(
    study: StudySnapshot, highlights: Mapping[str, Sequence[int]] | None = None
) -> "Figure":
    """One panel for each objective, one line for each trial, epochs along.

    Args:
        study: At this moment; trials without an epoch are left out.
        highlights: What stands out in colour, the best first: a name with its trials.
    """
    metrics = [objective.metric for objective in study.objectives]
    looks = _looks(highlights or {})
    # The faint lines first, so that none of them covers a coloured one.
    ordered = sorted(study.trials, key=lambda trial: -looks.get(trial.number, _FAINT).rank)
    traces = [
        _line(study, trial, looks.get(trial.number, _FAINT), panel)
        for trial in ordered
        for panel, metric in enumerate(metrics)
        if trial.curves.get(metric)
    ]
    title = f"{study.name}: learning curves"
    figure = drawing(traces, title=title, height=60 + 320 * len(metrics))
    figure.update_layout(grid={"rows": len(metrics), "columns": 1, "pattern": "independent"})
    for panel, metric in enumerate(metrics):
        figure.update_layout(
            {
                _axis("xaxis", panel): {"title": {"text": "epoch"}},
                _axis("yaxis", panel): {"title": {"text": axis_title(metric)}},
            }
        )
    return figure


def losses_figure(curves: Sequence[LossCurves], what: str = "loss (weighted sum)") -> "Figure":
    """Training loss, dashed, and validation loss of the same trial, in one colour.

    Args:
        curves: At most as many as there are colours.
        what: Stands along the upward axis.
    """
    traces = []
    for color, each in zip(SERIES, curves, strict=False):
        traces += [
            _loss(each.validation, color, "solid", f"{each.name}, validation"),
            _loss(each.training, color, "dash", f"{each.name}, training"),
        ]
    title = "loss in training and validation"
    return drawing(traces, title=title, x="epoch", y=what)


def _loss(curve: Curve, color: str, dash: str, name: str) -> Trace:
    return {
        "type": "scatter",
        "x": [epoch for epoch, _ in curve],
        "y": [value for _, value in curve],
        "mode": "lines",
        "name": safe(name),
        "line": {"color": color, "dash": dash, "width": 2},
    }


@dataclass(frozen=True)
class _Look:
    """How a line looks: its name, colour, rank and dash; first: it stands in the legend."""

    name: str
    color: str
    rank: int
    dash: str = "solid"
    first: bool = False


_FAINT = _Look("others", GREY, 1000)


def _looks(highlights: Mapping[str, Sequence[int]]) -> dict[int, _Look]:
    return {
        number: _Look(
            name, SERIES[rank % len(SERIES)], rank, _dash(rank), first=number == numbers[0]
        )
        for rank, (name, numbers) in enumerate(highlights.items())
        for number in numbers
    }


def _dash(rank: int) -> str:
    return DASHES[rank // len(SERIES) % len(DASHES)]


def _line(study: StudySnapshot, trial: TrialSnapshot, look: _Look, panel: int) -> Trace:
    stands_out = look is not _FAINT
    metric = study.objectives[panel].metric
    epochs, values = zip(*trial.curves[metric], strict=True)
    return {
        "type": "scatter",
        "x": epochs,
        "y": values,
        "xaxis": _axis("x", panel),
        "yaxis": _axis("y", panel),
        "mode": "lines",
        "name": safe(look.name),
        "legendgroup": look.name,
        "legendrank": look.rank,
        "showlegend": look.first and panel == 0,
        "line": {"color": look.color, "dash": look.dash, "width": 2 if stands_out else 1},
        "opacity": 1 if stands_out else 0.5,
        "hovertext": hover(study, trial),
        "hovertemplate": "%{hovertext}<br>epoch %{x}: %{y:.4g}<extra></extra>",
    }


def _axis(name: str, panel: int) -> str:
    return name if panel == 0 else f"{name}{panel + 1}"
