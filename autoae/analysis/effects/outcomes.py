"""What was measured: a metric of each trial, taken so that pruning does not choose among them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoae.analysis.figures import figure_of
from autoae.spec.metrics import METRICS
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

OF_THE_WHOLE_RUN = ("seconds",)
"""Costs that a pruned trial did not run up in full."""


@dataclass(frozen=True)
class Outcomes:
    """One metric over some trials.

    Attributes:
        values: By trial number; trials without a finite figure are not in it.
        epoch: The epoch after which all were taken; None where each is the trial's own figure.
        lost: Pruned trials without a figure. They were pruned for doing badly, so whatever is
            made of the others is biased.
    """

    values: Mapping[int, float]
    epoch: int | None
    lost: int


def metrics_of(study: StudySnapshot) -> tuple[str, ...]:
    """Every metric that a complete or pruned trial has: objectives first, then as in METRICS."""
    objectives = [objective.metric for objective in study.objectives]
    recorded = {name for trial in ended(study) for name in trial.metrics}
    return (*objectives, *(name for name in METRICS if name in recorded - {*objectives}))


def ended(study: StudySnapshot) -> tuple[TrialSnapshot, ...]:
    """Complete and pruned trials; those refused before their first epoch are none of them."""
    return tuple(trial for trial in study.counted if trial.state in ("COMPLETE", "PRUNED"))


def outcomes(study: StudySnapshot, trials: Sequence[TrialSnapshot], metric: str) -> Outcomes:
    """A metric over complete and pruned trials.

    Where none was pruned, it is each trial's own figure. Otherwise a pruned trial's last value
    would be compared with others' best, and leaving it out would leave out the bad ones: so the
    value is taken of all after the same epoch, the last one that all of them reached.
    """
    pruned = [trial for trial in trials if trial.state == "PRUNED"]
    if not pruned:
        return Outcomes(_figures(study, trials, metric), None, 0)
    epoch = _common_epoch(trials, metric)
    if epoch is None:
        complete = [trial for trial in trials if trial.state == "COMPLETE"]
        return Outcomes(_figures(study, complete, metric), None, len(pruned))
    values = {trial.number: dict(trial.curves[metric])[epoch] for trial in trials}
    return Outcomes(_finite(values), epoch, 0)


def _figures(
    study: StudySnapshot, trials: Sequence[TrialSnapshot], metric: str
) -> Mapping[int, float]:
    return _finite({trial.number: figure_of(study, trial, metric) for trial in trials})


def _finite(values: Mapping[int, float | None]) -> dict[int, float]:
    return {
        number: float(value)
        for number, value in values.items()
        if value is not None and math.isfinite(value)
    }


def _common_epoch(trials: Sequence[TrialSnapshot], metric: str) -> int | None:
    reached = [{epoch for epoch, _ in trial.curves.get(metric, ())} for trial in trials]
    return max(set.intersection(*reached), default=None)
