"""The plots of a study that the dashboard does not draw by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from autoae.analysis.best import best_trials
from autoae.analysis.front import front, front_axes
from autoae.analysis.ledger import Effect, Ledger
from autoae.store.snapshot import StudySnapshot
from autoae.views.plots.curves import curves_figure
from autoae.views.plots.effects import effects_figure, label
from autoae.views.plots.front import front_figure
from autoae.views.plots.history import history_figure
from autoae.views.plots.theme import neutral

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 500
"""Trials of a plot: the dashboard sends every plot whole with every poll."""

_CURVES = 100
_EFFECTS = 9
_COLORED = 5


def study_figures(study: StudySnapshot) -> Iterator[tuple[str, "Figure"]]:
    """The front, every run over time and, with several objectives, the learning curves.

    Args:
        study: At this moment; of many trials the best and the newest are shown.

    Yields:
        The name of a plot, which stays the same, and the plot.
    """
    few = _few(study, MOST)
    x, y = front_axes(study)
    if front(study, x, y):
        yield "autoae-front", panel(front_figure(few, x, y))
    for index, aim in enumerate(study.objectives):
        if any(trial.started and (trial.values or trial.curves) for trial in few.trials):
            yield f"autoae-history-{aim.metric}", panel(history_figure(few, index))
    if len(study.objectives) > 1 and any(trial.curves for trial in study.trials):
        best = {f"trial {each.number}": [each.number] for each in best_trials(study, _COLORED)}
        yield "autoae-curves", panel(curves_figure(_few(study, _CURVES), best))


def effect_figures(ledger: Ledger, metric: str) -> Iterator[tuple[str, "Figure"]]:
    """The effects of the knobs on a metric with their intervals; none without an effect."""
    shown = _telling(ledger, metric)
    if shown:
        figure = panel(effects_figure(shown, metric))
        rows = [label(effect) for effect in shown]
        # In two lines each, so that a card has room for more than its labels.
        lines = [row.replace(": ", ":<br>", 1) for row in rows]
        figure.update_yaxes(tickvals=rows, ticktext=lines, tickfont={"size": 10})
        yield f"autoae-effects-{metric}", figure


def panel(figure: "Figure") -> "Figure":
    """A figure as it fits a card of the dashboard, on its light and on its dark ground."""
    figure.layout.template = neutral()
    figure.update_layout(
        margin={"t": 96},
        title={"xref": "container", "x": 0.03, "yref": "container", "y": 0.95, "yanchor": "top"},
        legend={"xref": "container", "x": 0.03, "yref": "container", "y": 0.87, "yanchor": "top"},
    )
    figure.layout.height = None
    return figure


def _few(study: StudySnapshot, most: int) -> StudySnapshot:
    """The study with so many trials at most: the best half, then the newest."""
    if len(study.trials) <= most:
        return study
    kept = {trial.number for trial in best_trials(study, most // 2)}
    newest = [trial for trial in reversed(study.trials) if trial.number not in kept]
    kept |= {trial.number for trial in newest[: most - len(kept)]}
    return replace(study, trials=tuple(t for t in study.trials if t.number in kept))


def _telling(ledger: Ledger, metric: str) -> Sequence[Effect]:
    """The effects that fit a card: those that are claimed, then the largest others."""
    # What it imports takes a second, and only effects need it.
    from autoae.analysis.answer_knobs import ledger_claims

    claimed = ledger_claims(ledger, metric)
    others = [effect for effect in ledger.of(metric) if effect not in claimed]
    others.sort(key=lambda effect: -abs(effect.estimate or 0.0))
    ordered = [each for each in (*claimed, *others) if each.estimate is not None]
    return ordered[:_EFFECTS]
