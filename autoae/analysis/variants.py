"""All figures of the variants of a list or an ablation, over their seeds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autoae.analysis.groups import Group, Mean, mean_figure
from autoae.spec.metrics import COSTS, DERIVED, METRICS
from autoae.store.snapshot import StudySnapshot

_SAID_ALREADY = ("val_loss", "val_task", "val_reconstruction", "val_psnr")
"""Losses stand beside those in training; the last is another way to write the MSE."""


@dataclass(frozen=True)
class VariantFigures:
    """One variant in figures.

    Attributes:
        name: Of the variant, or what was changed from the baseline.
        trials: The complete ones, by number.
        missing: Trials that are not complete.
        figures: Means over the trials, by name: objectives, validation metrics, what is derived
            from curves, costs.
    """

    name: str
    trials: tuple[int, ...]
    missing: int
    figures: Mapping[str, Mean]


def variant_figures(study: StudySnapshot, groups: Iterable[Group]) -> tuple[VariantFigures, ...]:
    """The figures of variants, in the order of the groups.

    Args:
        study: At this moment.
        groups: Its variants.
    """
    return tuple(
        VariantFigures(
            group.name, tuple(t.number for t in group.trials), group.missing, _means(study, group)
        )
        for group in groups
    )


def names_of(variants: Iterable[VariantFigures]) -> tuple[str, ...]:
    """The figures that any of the variants has, in one order for all."""
    return tuple(dict.fromkeys(name for each in variants for name in each.figures))


def _means(study: StudySnapshot, group: Group) -> dict[str, Mean]:
    objectives = [objective.metric for objective in study.objectives]
    validation = [name for name in METRICS if name.startswith("val_") and name not in _SAID_ALREADY]
    names = dict.fromkeys([*objectives, *validation, *DERIVED, *COSTS])
    means = {name: mean_figure(study, group.trials, name) for name in names}
    return {name: mean for name, mean in means.items() if mean is not None}
