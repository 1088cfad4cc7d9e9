"""From an estimate to a verdict in words, and the sentence that goes with it."""

from dataclasses import dataclass
from typing import Literal

from autoae.analysis.effects.estimates import LEVEL
from autoae.analysis.ledger import Verdict
from autoae.analysis.sentences import number
from autoae.spec.metrics import Direction

Claim = Literal["helps", "hurts"]


@dataclass(frozen=True)
class Doubt:
    """Why an estimate supports no claim.

    Attributes:
        verdict: The one that stands instead.
        reason: In one sentence, with what would be needed.
        spares: The claim that may stand all the same, or None: where trials of one side failed,
            the figures that they left out would not have spoken for that side.
    """

    verdict: Verdict
    reason: str
    spares: Claim | None = None


def verdict_of(
    value: float, corrected_p: float | None, direction: Direction, doubt: Doubt | None
) -> Verdict:
    """The verdict on a difference.

    Args:
        value: Of the difference, level less reference.
        corrected_p: After the correction for the number of comparisons.
        direction: Which way the metric is better.
        doubt: What speaks against a claim, or None.
    """
    claim = _claim(value, corrected_p, direction)
    if doubt is None:
        return claim or "no evidence"
    return claim if claim and claim == doubt.spares else doubt.verdict


def _claim(value: float, corrected_p: float | None, direction: Direction) -> Claim | None:
    if corrected_p is None or corrected_p > LEVEL or not value:
        return None
    return "helps" if (value > 0) == (direction == "maximize") else "hurts"


def found_at_best(count: str, detectable: float | None, needed: str) -> str:
    """What a design that found nothing could have found, and what finding more would take.

    Args:
        count: What there is, as "5 seeds".
        detectable: The smallest difference that is found in 80 % of repetitions.
        needed: What finds half a standard deviation of the noise; empty if it is there.
    """
    if detectable is None:
        return ""
    found = f"{count} find a difference of {number(detectable)} in 4 of 5 repetitions"
    more = f"; half a standard deviation of the noise takes about {needed}"
    return found + (more if needed else "")
