"""What speaks against a claim from pairs."""

import math

from autoae.analysis.effects.contrasts import Contrast
from autoae.analysis.effects.differences import Paired
from autoae.analysis.effects.estimates import LEVEL
from autoae.analysis.effects.outcomes import Outcomes
from autoae.analysis.effects.verdicts import Doubt
from autoae.analysis.sentences import plural

FEWEST_PAIRS = 3
"""Below this nothing is claimed: of two differences the spread is anyone's guess."""


def doubt_of(
    contrast: Contrast, found: Outcomes, paired: Paired, comparisons: int, needed: int | None
) -> Doubt | None:
    """Why a contrast supports no claim, or None.

    Args:
        contrast: What is compared.
        found: Its metric.
        paired: Its differences.
        comparisons: How many are corrected for.
        needed: Seeds that find half a standard deviation of the noise, where it is known.
    """
    return (
        _lost(found)
        or _too_few(paired, needed)
        or _without_spread(paired, comparisons)
        or _failed(contrast)
    )


def _lost(found: Outcomes) -> Doubt | None:
    if not found.lost:
        return None
    reason = (
        f"{plural(found.lost, 'trial')} pruned without a value at an epoch that all reached, and "
        "those that remain are the better ones; run these variants with `pruner: none`"
    )
    return Doubt("too few trials", reason)


def _too_few(paired: Paired, needed: int | None) -> Doubt | None:
    if paired.count >= FEWEST_PAIRS:
        return None
    more = "" if needed is None else f", about {needed} for half a standard deviation of the noise"
    shared = plural(paired.count, "seed")
    reason = f"{shared} shared with the baseline; {FEWEST_PAIRS} at least are needed"
    return Doubt("too few trials", reason + more)


def _without_spread(paired: Paired, comparisons: int) -> Doubt | None:
    """All differences alike and not zero: only their number counts."""
    p = paired.estimate.exact_p
    if p is None or paired.estimate.value == 0 or p * comparisons <= LEVEL:
        return None
    seeds = math.ceil(1 + math.log2(comparisons / LEVEL))
    return Doubt(
        "too few trials",
        f"the difference is the same with all {paired.count} seeds, so its spread is unknown; "
        f"{seeds} seeds that all agree would be evidence (sign test)",
    )


def _failed(contrast: Contrast) -> Doubt | None:
    """Seeds with which one side failed: what is left speaks for that side."""
    added, subtracted = contrast.failures()
    if not added and not subtracted:
        return None
    if contrast.kind == "interaction" or (added and subtracted):
        reason = f"trials of both sides failed ({added} and {plural(subtracted, 'seed')})"
        return Doubt("no evidence", f"{reason}, and what they left out is unknown")
    side, count = ("this level", added) if added else ("the baseline", subtracted)
    reason = (
        f"{side} failed with {plural(count, 'seed')} with which the other finished, left out here"
    )
    return Doubt("no evidence", reason, spares="hurts" if added else "helps")
