"""The pruners that a study file may name, and the epochs at which they decide."""

from collections.abc import Callable
from dataclasses import dataclass

from optuna import pruners

from autoae.spec.config import TrainingOptions
from autoae.spec.domains import IntRange
from autoae.spec.metrics import METRICS
from autoae.spec.study import StudySpec

DEFAULT_EPOCHS: int = TrainingOptions.model_fields["epochs"].default
REDUCTION = 4
"""Halving lets the best quarter pass at the epochs 1, 4, 16, ..."""

Rungs = Callable[[int], frozenset[int]]
"""From the number of epochs to those after which a trial may be pruned."""


@dataclass(frozen=True)
class PrunerEntry:
    """A pruner by its name in study files.

    Attributes:
        make: Makes it, from the largest number of epochs.
        rungs: When it decides.
        compares_curves: Whether it looks at earlier values of trials that are complete.
    """

    make: Callable[[int], pruners.BasePruner]
    rungs: Rungs
    compares_curves: bool = True


def powers(epochs: int) -> frozenset[int]:
    """1, 4, 16, ... below the last epoch: after the last one there is nothing to save."""
    rungs = set()
    rung = 1
    while rung < epochs:
        rungs.add(rung)
        rung *= REDUCTION
    return frozenset(rungs)


def _every(epochs: int) -> frozenset[int]:
    return frozenset(range(1, epochs))


def _never(_epochs: int) -> frozenset[int]:
    return frozenset()


def _halving(_epochs: int) -> pruners.BasePruner:
    return pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION)


def _hyperband(epochs: int) -> pruners.BasePruner:
    return pruners.HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=REDUCTION)


PRUNERS: dict[str, PrunerEntry] = {
    # These note with each trial what it had at a rung.
    "successive-halving": PrunerEntry(_halving, powers, compares_curves=False),
    "hyperband": PrunerEntry(_hyperband, powers, compares_curves=False),
    "median": PrunerEntry(lambda _: pruners.MedianPruner(), _every),
    "none": PrunerEntry(lambda _: pruners.NopPruner(), _never, compares_curves=False),
}
"""Every pruner by its name."""


def pruner_name(spec: StudySpec) -> str:
    """The pruner in force.

    Variants of a list or an ablation are compared seed by seed, so they are trained to the end. A
    single objective that is a cost has no value per epoch to prune by.
    """
    only = spec.objectives[0].metric if len(spec.objectives) == 1 else None
    unprunable = only is not None and only not in METRICS
    enumerated = spec.is_list or spec.is_ablation
    return "none" if enumerated or unprunable else spec.settings.search.pruner


def largest_epochs(spec: StudySpec) -> int:
    """The most epochs that a trial of the study can have."""
    domain = spec.domains().get("training.epochs")
    if isinstance(domain, IntRange):
        return domain.high
    if domain is not None:
        return max(value for value in domain.ends if isinstance(value, int))
    training = spec.tree.get("training")
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if isinstance(epochs, int) else DEFAULT_EPOCHS
