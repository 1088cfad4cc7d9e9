"""The knobs of a search over its trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoae.analysis.effects.arrays import Indices, Numbers
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
