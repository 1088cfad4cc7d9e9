"""Any figure of a trial by its name: an objective, a metric or a cost."""

from autoae.spec.metrics import COSTS, METRICS, Direction
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


def figure_of(study: StudySnapshot, trial: TrialSnapshot, name: str) -> float | None:
    """The figure of that name, or None where the trial has none.

    Args:
        study: The study of the trial; it knows what its values are called.
        trial: Any of its trials.
        name: Of an objective, a metric or a cost.
    """
    names = [objective.metric for objective in study.objectives]
    if name in names and len(trial.values) == len(names):
        return trial.values[names.index(name)]
    return trial.metrics.get(name, trial.costs.get(name))


def direction_of(study: StudySnapshot, name: str) -> Direction:
    """Which way a figure is better; a study may have turned a metric round."""
    for objective in study.objectives:
        if objective.metric == name:
            return objective.direction
    known = {**METRICS, **COSTS}
    return known[name].direction if name in known else "minimize"
