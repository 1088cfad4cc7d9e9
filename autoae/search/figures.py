"""From what a worker measured to what a study optimises."""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan

from autoae.spec.config import Configuration
from autoae.spec.metrics import METRICS
from autoae.spec.settings import Objective

Figures = Mapping[str, float]


def selecting(objectives: Sequence[Objective], configuration: Configuration) -> Objective:
    """The metric by which a training chooses its best epoch.

    It is the objective if there is one and it has a value per epoch, else the loss: on the
    validation images, where there are any.
    """
    if len(objectives) == 1 and objectives[0].metric in METRICS:
        return objectives[0]
    held_out = configuration.data.validation != 0
    return Objective(metric="val_loss" if held_out else "train_loss", direction="minimize")


def values_of(objectives: Sequence[Objective], figures: Figures) -> tuple[list[float], str]:
    """The value of each objective, and what is missing or no number, if anything is.

    Args:
        objectives: What is optimised.
        figures: Metrics and costs by name.

    Returns:
        The values in order, and the name of the first objective without one, or an empty string.
    """
    found = [figures.get(objective.metric) for objective in objectives]
    for objective, value in zip(objectives, found, strict=True):
        if value is None or isnan(value):
            return [], objective.metric
    return [value for value in found if value is not None], ""


def to_minimise(objectives: Sequence[Objective], figures: Figures) -> list[float]:
    """One value for each objective that is known, turned so that less is better."""
    return [
        figures[each.metric] if each.direction == "minimize" else -figures[each.metric]
        for each in objectives
        if each.metric in figures
    ]


def attributes_of(figures: Figures) -> dict[str, float]:
    """Figures as user attributes: JSON knows no infinity."""
    return {name: value for name, value in figures.items() if isfinite(value)}
