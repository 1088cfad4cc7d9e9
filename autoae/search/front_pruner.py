"""Pruning with several objectives, which Optuna does not do.

A trial is judged by what the front offers at its cost and among networks of like cost, so that a
small one is never ended for losing to one more than four times as large. At each of the epochs 1,
4, 16, ... it is set beside the trials of the study that were neither refused nor failed and have
values at that epoch. It is pruned for either of two reasons:

**The front.** At least a quarter of all trials stand in better fronts than its own, by all
objectives. Front 0 holds the trials that no other dominates, front 1 those that only trials of
front 0 dominate, and so on; who costs more dominates nobody who costs less.

**Like cost.** At least three quarters of its peers are ahead of it, by the objectives that are not
costs. Peers are the nearest in the logarithm of cost (parameters, operations: what is known before
training), a quarter of all trials and at least eight, as far as they cost no more than four times
as much or as little; without such an objective all trials are. Fewer than three decide nothing.

With fewer than four trials at the epoch every one goes on.

The rungs and the quarter are those of successive halving: Jamieson and Talwalkar, "Non-stochastic
best arm identification and hyperparameter optimization", AISTATS 2016. Fronts in the place of a
ranking: Schmucker, Donini, Zafar, Salinas and Archambeau, "Multi-objective asynchronous successive
halving", 2021. Peers of like cost are our own; docs/pruning.md has what was measured, and what was
tried besides.

Non-dominated sorting: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic
algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6 (2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoae.search.pruners import REDUCTION

MIN_TRIALS = 4
"""With fewer at an epoch nothing is concluded."""

MIN_PEERS = 8
"""As near as they are, where a quarter of the trials are fewer."""

LIKE = 4.0
"""How many times as much a peer may cost, or as little."""

Vector = Sequence[float]
"""One value for each objective, all to be minimised."""

_Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contender:
    """A trial at a rung.

    Attributes:
        costs: The objectives that are known before training; none is zero.
        values: The others at the epoch of the rung.
    """

    costs: Vector
    values: Vector


def falls_behind(own: Contender, others: Sequence[Contender]) -> bool:
    """Whether a trial is to be pruned.

    Args:
        own: It.
        others: The other trials at the same epoch, with as many costs and values.
    """
    if len(others) + 1 < MIN_TRIALS:
        return False
    if share_ahead(_all(own), [_all(other) for other in others]) >= 1 / REDUCTION:
        return True
    near = [peer.values for peer in peers(own, others)]
    return len(near) + 1 >= MIN_TRIALS and share_ahead(own.values, near) >= 1 - 1 / REDUCTION


def peers(own: Contender, others: Sequence[Contender]) -> list[Contender]:
    """The trials of like cost; all that are equally near stay together."""
    costs = np.log(np.abs([each.costs for each in others]))
    distances = np.abs(costs - np.log(np.abs(own.costs))).sum(axis=1)
    count = min(len(others), max(MIN_PEERS, len(others) // REDUCTION))
    farthest = min(np.sort(distances)[count - 1], np.log(LIKE))
    return [other for other, near in zip(others, distances <= farthest, strict=True) if near]


def share_ahead(own: Vector, others: Sequence[Vector]) -> float:
    """How many vectors stand in better fronts than one, as a share of all, itself included."""
    fronts = front_indices([own, *others])
    return float((fronts < fronts[0]).sum() / len(fronts))


def _all(contender: Contender) -> Vector:
    return (*contender.costs, *contender.values)


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
