"""Paired differences, and what they say of the true one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from autoae.analysis.effects.arms import Arm
from autoae.analysis.effects.contrasts import Contrast
from autoae.analysis.effects.estimates import Estimate

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """The differences of one contrast in one figure.

    Attributes:
        estimate: Of their mean.
        count: How many seeds all arms share.
        deviation: The standard deviation of the differences; NaN of fewer than two.
        reference: The mean of the baseline; NaN without seeds.
    """

    estimate: Estimate
    count: int
    deviation: float
    reference: float


def difference(contrast: Contrast, values: Mapping[int, float]) -> Paired:
    """The mean of the paired differences over the seeds with which every arm has a value.

    Its interval and p-value are Student's (1908) for one sample, of one degree of freedom less
    than seeds: right whatever the noise of each arm, if their differences are about normal.

    Args:
        contrast: What is compared.
        values: By trial number.
    """
    seeds = [seed for seed in contrast.seeds if _known(contrast, seed, values)]
    differences = np.array([_at(contrast, seed, values) for seed in seeds])
    level = [values[contrast.baseline.trials[seed].number] for seed in seeds]
    scale = max((abs(value) for value in values.values()), default=0.0)
    return Paired(
        estimate=mean_of(differences, scale),
        count=len(seeds),
        deviation=float(differences.std(ddof=1)) if len(seeds) > 1 else math.nan,
        reference=fmean(level) if level else math.nan,
    )


def mean_of(differences: Numbers, scale: float) -> Estimate:
    """The mean of independent differences, with its standard error.

    Differences that are all alike leave the spread unknown, and Student's interval would be a
    point. All zero, they are no evidence (p = 1). Otherwise the sign test (Dixon and Mood, 1946,
    https://doi.org/10.1080/01621459.1946.10501898) says how likely so many equal signs are.

    Args:
        differences: Of shape (seeds,).
        scale: The size of the figures that were subtracted: less than 1e-12 of it is rounding.
    """
    count = len(differences)
    if not count:
        return Estimate(math.nan, 0.0, 0)
    rounding = 1e-12 * scale
    exact = np.where(np.abs(differences) <= rounding, 0.0, differences)
    value, deviation = float(exact.mean()), float(exact.std(ddof=int(count > 1)))
    value = value if abs(value) > rounding else 0.0
    if count > 1 and deviation <= 1e-9 * abs(value):
        return Estimate(value, 0.0, 0 if value else count - 1, exact_p=_sign_test(value, count))
    return Estimate(value, deviation / math.sqrt(count), count - 1)


def _sign_test(value: float, count: int) -> float:
    return float(2.0 ** (1 - count)) if value else 1.0


def _known(contrast: Contrast, seed: int, values: Mapping[int, float]) -> bool:
    return all(arm.trials[seed].number in values for arm in contrast.arms)


def _at(contrast: Contrast, seed: int, values: Mapping[int, float]) -> float:
    return _sum(contrast.added, seed, values) - _sum(contrast.subtracted, seed, values)


def _sum(arms: tuple[Arm, ...], seed: int, values: Mapping[int, float]) -> float:
    return sum(values[arm.trials[seed].number] for arm in arms)
