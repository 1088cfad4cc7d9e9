"""The knobs of a search over its trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from autoae.analysis.effects.arrays import Indices, Numbers
from autoae.analysis.effects.estimates import LEVEL
from autoae.analysis.effects.kernels import Shape, shape_of
from autoae.analysis.effects.knobs import Knob
from autoae.store.snapshot import TrialSnapshot


@dataclass(frozen=True)
class Column:
    """One knob over the trials.

    Attributes:
        knob: Which.
        shape: How it enters.
        cells: Of each trial, -1 where the knob did not apply. Of shape (trials,).
    """

    knob: Knob
    shape: Shape
    cells: Indices

    @property
    def applies(self) -> Numbers:
        """1 where the knob applied, else 0, of shape (trials,)."""
        return np.asarray(self.cells >= 0, dtype=np.float64)

    @property
    def levels(self) -> Indices:
        """The level of each trial, -1 where the knob did not apply."""
        return np.where(self.cells >= 0, self.knob.level_of[np.maximum(self.cells, 0)], -1)

    def rows(self, table: Numbers) -> Numbers:
        """A table over cells as one over trials, zero where the knob did not apply."""
        return np.asarray(table[np.maximum(self.cells, 0)] * self.applies[:, None])

    def between(self, covariance: Numbers) -> Numbers:
        """A covariance between cells as one between trials."""
        return np.asarray(self.rows(self.rows(covariance).T).T)


def columns_of(knobs: Sequence[Knob], trials: Sequence[TrialSnapshot]) -> tuple[Column, ...]:
    """Each knob over the trials."""
    return tuple(Column(knob, shape_of(knob), _cells(knob, trials)) for knob in knobs)


def _cells(knob: Knob, trials: Sequence[TrialSnapshot]) -> Indices:
    found = [
        knob.cell_of(trial.params[knob.name]) if knob.name in trial.params else -1
        for trial in trials
    ]
    return np.array(found, dtype=np.int64)


def are_uneven(columns: Sequence[Column]) -> bool:
    """Whether the trials are spread over the levels otherwise than uniform draws would be.

    Pearson's chi-squared test (1900) over all knobs together, at 5 %.
    """
    statistic, degrees = 0.0, 0
    for column in columns:
        expected = column.applies.sum() * _shares(column.knob)
        found = np.bincount(column.levels[column.cells >= 0], minlength=len(expected))
        statistic += float(((found - expected) ** 2 / expected).sum())
        degrees += len(expected) - 1
    return bool(chi2.sf(statistic, degrees) < LEVEL)


def _shares(knob: Knob) -> Numbers:
    return np.asarray(np.bincount(knob.level_of, weights=knob.weights))
