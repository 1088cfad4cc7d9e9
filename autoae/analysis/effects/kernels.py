"""What a knob may do to a metric, as fixed columns and as covariances between its cells."""

from dataclasses import dataclass

import numpy as np

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.knobs import Knob

REACH = 0.4
"""Share of a range over which a smooth effect may turn."""


@dataclass(frozen=True)
class Shape:
    """How one knob enters the model.

    Attributes:
        fixed: Columns of its main effect without any assumption on their size, of mean zero over
            the uniform space: one a level, or the line of a range. Of shape (cells, columns).
        smooth: Covariance of what its main effect has beside the line, of mean variance 1;
            zeros where every cell is a level. Of shape (cells, cells).
        joint: Covariance of its part in an interaction, of mean zero over the uniform space and
            of mean variance 1. Of shape (cells, cells).
        contrasts: Each level less the first, as weights of the cells. Of shape (cells, levels-1).
    """

    fixed: Numbers
    smooth: Numbers
    joint: Numbers
    contrasts: Numbers


def shape_of(knob: Knob) -> Shape:
    """The shape of a knob; covariances are Matérn 5/2 along a range, and equal without order."""
    weights = knob.weights
    free = _matern(knob.positions) if knob.positions is not None else np.eye(len(weights))
    joint = _scaled(_without(free, weights[:, None]), weights)
    means = _level_means(knob)
    contrasts = means[:, 1:] - means[:, :1]
    if not knob.has_line or knob.positions is None:
        levels = np.eye(len(weights))[:, 1:]
        return Shape(levels - weights[1:], np.zeros_like(free), joint, contrasts)
    line = (knob.positions - weights @ knob.positions)[:, None]
    smooth = _without(free, np.column_stack([weights, weights[:, None] * line]))
    return Shape(line, _scaled(smooth, weights), joint, contrasts)


def _matern(positions: Numbers) -> Numbers:
    """Matérn covariance of order 5/2 (Rasmussen and Williams, 2006, equation 4.17)."""
    distance = np.sqrt(5) * np.abs(positions[:, None] - positions[None, :]) / REACH
    return np.asarray((1 + distance + distance**2 / 3) * np.exp(-distance))


def _without(covariance: Numbers, integrals: Numbers) -> Numbers:
    """The covariance given that these integrals are zero.

    Durrande and others (2013), https://doi.org/10.1016/j.jmva.2012.08.016.
    """
    across = covariance @ integrals
    return np.asarray(covariance - across @ np.linalg.pinv(integrals.T @ across) @ across.T)


def _scaled(covariance: Numbers, weights: Numbers) -> Numbers:
    return np.asarray(covariance / (weights @ np.diag(covariance)))


def _level_means(knob: Knob) -> Numbers:
    inside = knob.level_of[:, None] == np.arange(len(knob.levels))[None, :]
    means = inside * knob.weights[:, None]
    return np.asarray(means / means.sum(axis=0))
