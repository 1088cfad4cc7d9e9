"""By how much a network is better on the images that it learned from."""

from collections.abc import Iterator
from dataclasses import dataclass

from autoae.analysis.groups import Group, Mean, mean_of
from autoae.spec.metrics import SHARES
from autoae.store.snapshot import TrialSnapshot

FIGURES = ("accuracy", "task", "reconstruction", "loss")
"""The answers that are right, the losses of task and reconstruction, and their weighted sum."""


@dataclass(frozen=True)
class Gap:
    """One figure of one variant, on both kinds of images.

    Attributes:
        figure: One of `FIGURES`.
        training: Means over the seeds, of the epoch that validation chose.
        validation: Of the same epochs.
        gap: Of the seeds' differences; above 0 where training images fare better.
    """

    figure: str
    training: Mean
    validation: Mean
    gap: Mean


def gaps_of(group: Group) -> tuple[Gap, ...]:
    """Every figure of a variant that was kept of training and of validation images."""
    return tuple(found for name in FIGURES if (found := _gap(group, name)))


def gap_of(trial: TrialSnapshot, figure: str) -> float | None:
    """By how much one trial is better on training images; None where one of both is not known."""
    both = _both(trial, figure)
    if both is None:
        return None
    return both[0] - both[1] if figure == "accuracy" else both[1] - both[0]


def _gap(group: Group, figure: str) -> Gap | None:
    pairs = [both for trial in group.trials if (both := _both(trial, figure))]
    training, validation = (mean_of(pair[side] for pair in pairs) for side in (0, 1))
    gaps = (gap_of(trial, figure) for trial in group.trials)
    gap = mean_of(value for value in gaps if value is not None)
    return Gap(figure, training, validation, gap) if training and validation and gap else None


def _both(trial: TrialSnapshot, figure: str) -> tuple[float, float] | None:
    """A figure on training and on validation images."""
    known = (trial.metrics.get(name) for name in _on_validation(figure))
    training, validation = trial.metrics.get(f"train_{figure}"), next(filter(_is, known), None)
    return None if training is None or validation is None else (training, validation)


def _on_validation(figure: str) -> Iterator[str]:
    """What a figure may be called; each task has its own share of right answers."""
    return (f"val_{name}" for name in (SHARES if figure == "accuracy" else (figure,)))


def _is(value: float | None) -> bool:
    return value is not None
