"""What the benchmark keeps of each comparison, and how it is summed up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from autoae.analysis.ledger import Effect

UNTOLD = ("too few trials", "observational, unreliable")
NOTABLE = 0.5
"""Standard deviations of the noise from which on an effect counts for the power."""


@dataclass(frozen=True)
class Row:
    """One comparison of one study.

    Attributes:
        setting: Its name.
        study: The number of the study.
        inert: Whether the truth is that nothing happens.
        truth: The true effect, in standard deviations of the noise.
        told: Whether the verdict lets the figures stand.
        claimed: The sign that the verdict claims, or 0.
        covered: Whether the interval holds the truth; None without one.
    """

    setting: str
    study: int
    inert: bool
    truth: float
    told: bool
    claimed: int
    covered: bool | None


def row_of(setting: str, study: int, truth: float | None, effect: Effect) -> Row:
    """The row of an effect on a metric that is better when larger; without truth it is inert."""
    interval, true = effect.interval, truth or 0.0
    return Row(
        setting=setting,
        study=study,
        inert=truth is None,
        truth=true,
        told=effect.verdict not in UNTOLD and effect.estimate is not None,
        claimed={"helps": 1, "hurts": -1}.get(effect.verdict, 0),
        covered=None if interval is None else interval.low <= true <= interval.high,
    )


@dataclass(frozen=True)
class Ranking:
    """How one method ranked the knobs of one study.

    Attributes:
        setting: Its name.
        method: Of ranking.
        study: The number of the study.
        below: Real knobs ranked at or below an inert one.
        real: Real knobs.
    """

    setting: str
    method: str
    study: int
    below: int
    real: int


@dataclass(frozen=True)
class Share:
    """A share with its 95 % Monte-Carlo interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


def exact(hits: int, total: int) -> Share:
    """Of independent trials (Clopper and Pearson, 1934)."""
    if not total:
        return Share(math.nan, math.nan, math.nan)
    low = float(beta.ppf(0.025, hits, total - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, total - hits)) if hits < total else 1.0
    return Share(hits / total, low, high)


def clustered(hits: Iterable[tuple[int, bool]]) -> Share:
    """Of comparisons, of which those of one study depend on one another (ratio estimate)."""
    counts: dict[int, list[int]] = {}
    for study, hit in hits:
        count = counts.setdefault(study, [0, 0])
        count[0] += hit
        count[1] += 1
    if not counts:
        return Share(math.nan, math.nan, math.nan)
    table = np.array(list(counts.values()), dtype=float)
    value = float(table[:, 0].sum() / table[:, 1].sum())
    if value in (0.0, 1.0):
        return exact(round(value * len(table)), len(table))
    residuals = table[:, 0] - value * table[:, 1]
    error = math.sqrt(float((residuals**2).sum())) / float(table[:, 1].sum())
    return Share(value, max(0.0, value - 1.96 * error), min(1.0, value + 1.96 * error))


@dataclass(frozen=True)
class Summary:
    """One setting.

    Attributes:
        false: Inert comparisons that were claimed, of all inert ones.
        any_false: Studies with a claim about anything inert.
        coverage: Intervals that hold the truth, of those that the verdict lets stand.
        other_coverage: The same of those that it does not.
        told: Comparisons that the verdict lets stand, of all.
        power: Real effects of half a standard deviation or more claimed with the right sign, of
            all such effects.
        wrong: Claims about real effects with the wrong sign, of all such claims.
    """

    false: Share
    any_false: Share
    coverage: Share
    other_coverage: Share
    told: Share
    power: Share
    wrong: Share


def summary(rows: Sequence[Row]) -> Summary:
    """The figures of the rows of one setting."""
    inert = [row for row in rows if row.inert]
    notable = [row for row in rows if abs(row.truth) >= NOTABLE]
    claims = [row for row in rows if row.claimed and not row.inert]
    false = {row.study for row in inert if row.claimed}
    told = [row for row in rows if row.covered is not None and row.told]
    other = [row for row in rows if row.covered is not None and not row.told]
    return Summary(
        false=clustered((row.study, bool(row.claimed)) for row in inert),
        any_false=exact(len(false), len({row.study for row in inert})),
        coverage=clustered((row.study, bool(row.covered)) for row in told),
        other_coverage=clustered((row.study, bool(row.covered)) for row in other),
        told=clustered((row.study, row.told) for row in rows),
        power=clustered((row.study, row.claimed * row.truth > 0) for row in notable),
        wrong=clustered((row.study, row.claimed * row.truth < 0) for row in claims),
    )
