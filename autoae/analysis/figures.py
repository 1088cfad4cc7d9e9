"""Any figure of a trial by its name: an objective, a metric, a cost, or one that follows."""

from autoae.spec.metrics import COSTS, DERIVED, METRICS, Direction
from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot

_NEAR = 0.01


def figure_of(study: StudySnapshot, trial: TrialSnapshot, name: str) -> float | None:
    """The figure of that name, or None where the trial has none.

    Args:
        study: The study of the trial; it knows what its values are called.
        trial: Any of its trials.
        name: Of an objective, a metric, a cost, or of `autoae.spec.metrics.DERIVED`; or `epochs`,
            how many were trained.
    """
    if name == "epochs":
        return float(trial.epochs)
    names = [objective.metric for objective in study.objectives]
    if name in names and len(trial.values) == len(names):
        return trial.values[names.index(name)]
    if name == "epochs_to_1_percent":
        curve = trial.curves.get(names[0], ())
        return epochs_to_within(curve, direction_of(study, names[0]), _NEAR)
    return trial.metrics.get(name, trial.costs.get(name))


def epochs_to_within(curve: Curve, direction: Direction, share: float) -> int | None:
    """The first epoch whose value is within a share of the best one; None without epochs.

    Args:
        curve: Of one trial.
        direction: Which way is better.
        share: Of the magnitude of the best value.
    """
    if not curve:
        return None
    sign = 1 if direction == "minimize" else -1
    best = min(sign * value for _, value in curve)
    return next(epoch for epoch, value in curve if sign * value - best <= share * abs(best))


def direction_of(study: StudySnapshot, name: str) -> Direction:
    """Which way a figure is better; a study may have turned a metric round."""
    for objective in study.objectives:
        if objective.metric == name:
            return objective.direction
    known = {**METRICS, **COSTS, **DERIVED}
    return known[name].direction if name in known else "minimize"
