"""The trials of a search that one analysis rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.columns import Column, columns_of
from autoae.analysis.effects.knobs import Knob, knob_of
from autoae.analysis.effects.outcomes import Outcomes, ended, outcomes
from autoae.analysis.effects.values import SEED
from autoae.spec.domains import Domain
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

LARGEST = 1000
"""Trials beyond which a random choice of that many is analysed: the time grows with the cube."""


@dataclass(frozen=True)
class Sample:
    """Trials with the same figures.

    Attributes:
        trials: In order.
        columns: The knobs that varied among them.
        figures: By name; each has a value for every one of these trials.
    """

    trials: tuple[TrialSnapshot, ...]
    columns: tuple[Column, ...]
    figures: Mapping[str, Outcomes]

    @property
    def table(self) -> Numbers:
        """The figures, of shape (trials, figures)."""
        each = [
            [found.values[trial.number] for trial in self.trials] for found in self.figures.values()
        ]
        return np.array(each).T

    def column(self, name: str) -> Column | None:
        """The column of a knob, or None where it did not vary."""
        return next((each for each in self.columns if each.knob.name == name), None)


def knobs_of(domains: Mapping[str, Domain]) -> tuple[Knob, ...]:
    """The knobs of a search, in the order of the study file."""
    return tuple(knob_of(name, domain) for name, domain in domains.items() if name != SEED)


def samples(
    study: StudySnapshot, knobs: Sequence[Knob], found: Mapping[str, Outcomes]
) -> tuple[Sample, ...]:
    """Figures of the same trials together, for they share the model.

    Args:
        study: Its complete and pruned trials are used.
        knobs: Of the search.
        found: The figures, by name.
    """
    groups: dict[frozenset[int], dict[str, Outcomes]] = {}
    for name, each in found.items():
        groups.setdefault(frozenset(each.values), {})[name] = each
    return tuple(
        _sample([trial for trial in ended(study) if trial.number in numbers], knobs, figures)
        for numbers, figures in groups.items()
    )


def metric_figures(study: StudySnapshot, metrics: Sequence[str]) -> dict[str, Outcomes]:
    """Each metric over all trials."""
    return {metric: outcomes(study, ended(study), metric) for metric in metrics}


def varies(found: Outcomes) -> bool:
    """Whether a figure is not the same in every trial."""
    return len(set(found.values.values())) > 1


def _sample(
    trials: Sequence[TrialSnapshot], knobs: Sequence[Knob], figures: Mapping[str, Outcomes]
) -> Sample:
    kept = sorted(_drawn(trials), key=lambda trial: trial.number)
    columns = tuple(each for each in columns_of(knobs, kept) if _varied(each))
    return Sample(tuple(kept), columns, figures)


def _drawn(trials: Sequence[TrialSnapshot]) -> Sequence[TrialSnapshot]:
    if len(trials) <= LARGEST:
        return trials
    chosen = np.random.default_rng(0).permutation(len(trials))[:LARGEST]
    return [trials[index] for index in chosen]


def _varied(column: Column) -> bool:
    return len(set(column.cells[column.cells >= 0])) > 1
