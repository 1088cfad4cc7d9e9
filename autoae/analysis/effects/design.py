"""The model of a search: which trial had what, and what is asked of the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.columns import Column, are_uneven


@dataclass(frozen=True)
class Target:
    """One contrast that the model is asked for.

    Attributes:
        column: Its knob.
        level: The level that is compared with the first.
    """

    column: Column
    level: int

    @property
    def weights(self) -> Numbers:
        """Of the cells of its knob, of shape (cells,)."""
        return np.asarray(self.column.shape.contrasts[:, self.level - 1])


@dataclass(frozen=True)
class Design:
    """Everything about the trials but their outcomes.

    Attributes:
        fixed: Columns without a prior, of full rank, of shape (trials, rank).
        smooth: Covariance of curvature, of shape (trials, trials).
        joint: Covariance of interactions, of shape (trials, trials).
        targets: What is asked, in order.
        coefficients: Of the fixed columns in each target, of shape (rank, targets).
        covariance: Of curvature between trials and targets, of shape (trials, targets).
        variance: Of curvature in each target, of shape (targets,).
        uneven: Whether a sampler preferred some levels.
    """

    fixed: Numbers
    smooth: Numbers
    joint: Numbers
    targets: tuple[Target, ...]
    coefficients: Numbers
    covariance: Numbers
    variance: Numbers
    uneven: bool

    @property
    def degrees(self) -> int:
        """Trials beyond the fixed columns."""
        return int(self.fixed.shape[0] - self.fixed.shape[1])


def build(columns: Sequence[Column], asked: Sequence[Column] | None = None) -> Design:
    """The design of these knobs.

    Curvature shares one variance over the ranges, and interactions one over all pairs of knobs.
    A pair of which one decides whether the other applies has none: what it would be is part of
    the effect of the one that decides.

    Args:
        columns: Of every knob.
        asked: Those whose contrasts are wanted; all unless given.
    """
    every, blocks = _fixed(columns)
    _, sizes, directions = np.linalg.svd(every, full_matrices=False)
    directions = directions[sizes > 1e-8 * sizes[0]]
    targets, weights = _targets(asked or columns, blocks, directions)
    ranges = max(1, sum(column.knob.has_line for column in columns))
    curved = [t.column.shape.smooth @ t.weights / ranges for t in targets]
    return Design(
        fixed=every @ directions.T,
        smooth=np.sum([c.between(c.shape.smooth) for c in columns], axis=0) / ranges,
        joint=joint_covariance(columns),
        targets=targets,
        coefficients=directions @ weights,
        covariance=_side_by_side(
            [t.column.rows(c[:, None]) for t, c in zip(targets, curved, strict=True)], len(every)
        ),
        variance=np.array([t.weights @ c for t, c in zip(targets, curved, strict=True)]),
        uneven=are_uneven(columns),
    )


def joint_covariance(columns: Sequence[Column]) -> Numbers:
    """Of interactions between trials, of mean variance 1 over the pairs of knobs.

    The products of all pairs sum to half of the square of the sum less the sum of the squares.
    """
    each = [column.between(column.shape.joint) for column in columns]
    total = (np.sum(each, axis=0) ** 2 - sum(one**2 for one in each)) / 2
    tied = [
        one * other
        for (one, first), (other, second) in combinations(zip(each, columns, strict=True), 2)
        if _decides(first, second) or _decides(second, first)
    ]
    pairs = len(columns) * (len(columns) - 1) // 2 - len(tied)
    return np.asarray((total - sum(tied)) / max(1, pairs))


def _decides(one: Column, other: Column) -> bool:
    """Whether the first knob decides whether the second applies."""
    applies = other.cells >= 0
    return not applies.all() and set(one.cells[applies]) != set(one.cells)


def _fixed(columns: Sequence[Column]) -> tuple[Numbers, dict[str, slice]]:
    """A constant and the fixed columns of every knob, and where those of each knob are."""
    tables, blocks, start = [np.ones((len(columns[0].cells), 1))], dict[str, slice](), 1
    for column in columns:
        tables.append(column.rows(column.shape.fixed))
        blocks[column.knob.name] = slice(start, start + tables[-1].shape[1])
        start += tables[-1].shape[1]
    return np.hstack(tables), blocks


def _targets(
    asked: Sequence[Column], blocks: Mapping[str, slice], directions: Numbers
) -> tuple[tuple[Target, ...], Numbers]:
    """The contrasts that the trials can tell, with the coefficients of all fixed columns."""
    targets, weights = [], []
    for column in asked:
        for level in range(1, len(column.knob.levels)):
            target = Target(column, level)
            wanted = np.zeros(directions.shape[1])
            wanted[blocks[column.knob.name]] = target.weights @ column.shape.fixed
            if _can_tell(wanted, directions):
                targets.append(target)
                weights.append(wanted[:, None])
    return tuple(targets), _side_by_side(weights, directions.shape[1])


def _can_tell(wanted: Numbers, directions: Numbers) -> bool:
    missing = wanted - directions.T @ (directions @ wanted)
    return bool(np.linalg.norm(missing) <= 1e-6 * np.linalg.norm(wanted))


def _side_by_side(tables: Sequence[Numbers], rows: int) -> Numbers:
    return np.hstack(tables) if tables else np.zeros((rows, 0))
