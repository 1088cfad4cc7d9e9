"""Pruning with several objectives, which Optuna does not do.

The rule, at each of the epochs 1, 4, 16, ...: take every trial of the study that was neither
refused nor failed and has values at that epoch, this one included. Sort them into fronts by
non-dominated sorting: front 0 holds those that no other one dominates, front 1 those that only
trials of front 0 dominate, and so on. A trial goes on if fewer than a quarter of the trials (at
least one) stand in better fronts than its own; otherwise it is pruned. With fewer than four
trials at the epoch every one goes on.

So a trial of front 0 is never pruned, and a trial of a worse front only when the better fronts
together hold at least a quarter of all trials.

Non-dominated sorting: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic
algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6 (2002).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autoae.search.pruners import REDUCTION

MIN_TRIALS = 4

Vector = Sequence[float]
"""One value for each objective, all to be minimised."""


def falls_behind(own: Vector, others: Sequence[Vector]) -> bool:
    """Whether a trial is to be pruned.

    Args:
        own: Its values at the epoch.
        others: Those of the other trials at the same epoch.
    """
    if len(others) + 1 < MIN_TRIALS:
        return False
    fronts = front_indices([own, *others])
    better = int((fronts < fronts[0]).sum())
    return better >= max(1, len(fronts) // REDUCTION)


def front_indices(vectors: Sequence[Vector]) -> NDArray[np.int64]:
    """The front in which each vector stands, from 0; int64, (number of vectors,)."""
    # A value that is no number is worse than every number.
    points = np.nan_to_num(np.asarray(vectors, float), nan=np.inf, neginf=-np.inf, posinf=np.inf)
    dominates = _dominates(points)
    fronts = np.full(len(points), -1)
    front = 0
    while (left := fronts < 0).any():
        beaten = (dominates & left[:, None]).any(axis=0)
        fronts[left & ~beaten] = front
        front += 1
    return fronts


def _dominates(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether row i dominates row j: nowhere worse and somewhere better; (n, n)."""
    first, second = points[:, None, :], points[None, :, :]
    result: NDArray[np.bool_] = np.all(first <= second, axis=2) & np.any(first < second, axis=2)
    return result
