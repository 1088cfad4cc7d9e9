"""Pruning with several objectives, which Optuna does not do.

A trial is judged among networks of like cost, so that a small one is not ended for losing to a
large one, and by what the front offers at its cost. At each of the epochs 1, 4, 16, ... it is set
beside the trials of the study that were neither refused nor failed and have values at that epoch.

**Like cost.** Of these, the nearest in the logarithm of cost (parameters, operations: the
objectives that are known before training) are its peers: a quarter of all, at least eight. Without
such an objective all trials are. A peer is ahead if it stands in a better front by the other
objectives at that epoch, which for one of them means a better value. A trial goes on if fewer than
a quarter of its peers are ahead, and is pruned if three quarters are.

**The front.** Between the two it is pruned if more training is not expected to pay: if to its
values is added what the median trial that was trained to the end gained after that epoch, and some
such trial that costs no more ended with values at least as good. With fewer than four trials that
have ended every one goes on here.

The rungs and the quarter are those of successive halving: Jamieson and Talwalkar, "Non-stochastic
best arm identification and hyperparameter optimization", AISTATS 2016. Fronts in the place of a
ranking: Schmucker, Donini, Zafar, Salinas and Archambeau, "Multi-objective asynchronous successive
halving", 2021. Stopping what is not expected to reach the best: Domhan, Springenberg and Hutter,
"Speeding up automatic hyperparameter optimization of deep neural networks by extrapolation of
learning curves", IJCAI 2015. Peers of like cost are our own; docs/pruning.md has what was measured.

Non-dominated sorting: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic
algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6 (2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoae.search.pruners import REDUCTION

MIN_TRIALS = 4
"""With fewer trials to compare with, or fewer that have ended, nothing is concluded."""

MIN_PEERS = 8

Vector = Sequence[float]
"""One value for each objective, all to be minimised."""

_Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contender:
    """A trial at a rung.

    Attributes:
        costs: The objectives that are known before training; none is zero.
        values: The others at the epoch of the rung.
        final: What these came to, of a trial that was trained to the end; None of any other.
    """

    costs: Vector
    values: Vector
    final: Vector | None = None


def falls_behind(own: Contender, others: Sequence[Contender]) -> bool:
    """Whether a trial is to be pruned.

    Args:
        own: It.
        others: The other trials at the same epoch, with as many costs and values.
    """
    if len(others) + 1 < MIN_TRIALS:
        return False
    ahead = share_ahead(own, peers(own, others))
    if 1 / REDUCTION <= ahead < 1 - 1 / REDUCTION:
        return hopeless(own, others)
    return ahead >= 1 / REDUCTION


def peers(own: Contender, others: Sequence[Contender]) -> list[Contender]:
    """The trials of like cost; all that are equally near stay together."""
    costs = np.log(np.abs([each.costs for each in others]))
    distances = np.abs(costs - np.log(np.abs(own.costs))).sum(axis=1)
    count = min(len(others), max(MIN_PEERS, len(others) // REDUCTION))
    farthest = np.sort(distances)[count - 1]
    return [other for other, near in zip(others, distances <= farthest, strict=True) if near]


def share_ahead(own: Contender, others: Sequence[Contender]) -> float:
    """How many trials stand in better fronts than one, as a share of all, itself included."""
    fronts = front_indices([own.values, *(other.values for other in others)])
    return float((fronts < fronts[0]).sum() / len(fronts))


def hopeless(own: Contender, others: Sequence[Contender]) -> bool:
    """Whether a trial that costs no more ended where this one is not expected to come beyond."""
    ended = [(other, other.final) for other in others if other.final is not None]
    if len(ended) < MIN_TRIALS:
        return False
    gains = np.array([final for _, final in ended]) - [other.values for other, _ in ended]
    expected = np.array(own.values) + np.median(gains, axis=0)
    return any(
        bool(np.all(np.array(final) <= expected) and np.all(np.array(other.costs) <= own.costs))
        for other, final in ended
    )


def front_indices(vectors: Sequence[Vector]) -> NDArray[np.int64]:
    """The front in which each vector stands, from 0; int64, (number of vectors,)."""
    # A value that is no number is worse than every number.
    points = np.nan_to_num(np.asarray(vectors, float), nan=np.inf, neginf=-np.inf, posinf=np.inf)
    if points.shape[1] == 1:
        # Each value is a front of its own: sorting is far quicker than peeling them off.
        return np.unique(points[:, 0], return_inverse=True)[1].astype(np.int64)
    dominates = _dominates(points)
    fronts = np.full(len(points), -1)
    front = 0
    while (left := fronts < 0).any():
        beaten = (dominates & left[:, None]).any(axis=0)
        fronts[left & ~beaten] = front
        front += 1
    return fronts


def _dominates(points: _Array) -> NDArray[np.bool_]:
    """Whether row i dominates row j: nowhere worse and somewhere better; (n, n)."""
    first, second = points[:, None, :], points[None, :, :]
    result: NDArray[np.bool_] = np.all(first <= second, axis=2) & np.any(first < second, axis=2)
    return result
