"""One estimated difference: its interval, its p-value, and what its design could find."""

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy.optimize import brentq
from scipy.stats import nct, norm, t

from autoae.analysis.ledger import Interval

LEVEL = 0.05
"""Share of false claims that is allowed."""

POWER = 0.8
"""Share of repetitions in which a difference counts as findable."""


@dataclass(frozen=True)
class Estimate:
    """A difference with its standard error.

    Attributes:
        value: The difference, in the unit of the metric.
        standard_error: Zero where nothing varied.
        degrees: Degrees of freedom of the standard error; 0 where there is none.
        exact_p: The p-value where it does not follow from the t distribution; else None.
    """

    value: float
    standard_error: float
    degrees: int
    exact_p: float | None = None

    @property
    def p(self) -> float | None:
        """Two-sided p-value of no difference; None where it cannot be told."""
        if self.exact_p is not None:
            return self.exact_p
        if self.degrees < 1 or not self.standard_error:
            return None
        return float(2 * t.sf(abs(self.value) / self.standard_error, self.degrees))

    def interval(self, comparisons: int = 1) -> Interval | None:
        """The interval that holds the truth in 95 % (Student, 1908).

        Args:
            comparisons: How many intervals shall hold theirs together in 95 % (Bonferroni).

        Returns:
            None where the spread is unknown.
        """
        if self.degrees < 1 or not (self.standard_error or self.value == 0):
            return None
        half = _quantile(self.degrees, comparisons) * self.standard_error
        return Interval(self.value - half, self.value + half)


def detectable(estimate: Estimate, comparisons: int) -> float | None:
    """The smallest difference that is found in 80 % of repetitions, in the unit of the metric.

    Args:
        estimate: It gives the standard error and its degrees of freedom.
        comparisons: How many are corrected for; the first step of Holm's correction counts.
    """
    if estimate.degrees < 1 or not estimate.standard_error:
        return None
    return estimate.standard_error * _detectable_shift(estimate.degrees, comparisons)


def pairs_needed(difference: float, deviation: float, comparisons: int) -> int | None:
    """How many pairs find a difference in 80 % of repetitions.

    Args:
        difference: The true one.
        deviation: The standard deviation of the paired differences.
        comparisons: How many are corrected for.
    """
    if not difference or not deviation > 0:
        return None
    return draws_needed(difference, deviation, comparisons)


def draws_needed(difference: float, deviation: float, comparisons: int) -> int:
    """How many draws find that their mean is not zero, in 80 % of repetitions.

    The normal approximation with Guenther's correction for the t test (Guenther, 1981,
    https://doi.org/10.1080/00031305.1981.10479362), which is right to one draw or so.

    Args:
        difference: The true mean.
        deviation: The standard deviation of a draw.
        comparisons: How many are corrected for.
    """
    normal = float(norm.isf(LEVEL / 2 / comparisons))
    ratio = (normal + float(norm.isf(1 - POWER))) * deviation / difference
    return math.ceil(ratio**2 + normal**2 / 2)


@lru_cache(maxsize=4096)
def _quantile(degrees: int, comparisons: int) -> float:
    return float(t.isf(LEVEL / 2 / comparisons, degrees))


@lru_cache(maxsize=4096)
def _detectable_shift(degrees: int, comparisons: int) -> float:
    """The noncentrality at which the two-sided t test has the wanted power."""
    critical = _quantile(degrees, comparisons)
    if degrees > 100:
        return critical + float(norm.isf(1 - POWER))
    # The far tail adds next to nothing at this power and is left out.
    highest = 4 * critical + 20
    return float(brentq(lambda shift: nct.sf(critical, degrees, shift) - POWER, 0.0, highest))
