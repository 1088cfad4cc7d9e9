"""What speaks against a claim from a search."""

from autoae.analysis.effects.columns import Column
from autoae.analysis.effects.control import Control
from autoae.analysis.effects.outcomes import Outcomes
from autoae.analysis.effects.verdicts import Doubt
from autoae.analysis.sentences import plural

FEWEST_AT_LEVEL = 5
"""Trials at either level below which nothing is claimed of their difference."""

FEWEST_DEGREES = 10
"""Trials beyond the coefficients of the model below which nothing is claimed at all."""


def doubt_of(column: Column, level: int, found: Outcomes, control: Control | None) -> Doubt | None:
    """Why a contrast supports no claim, or None.

    Args:
        column: The knob over the trials.
        level: The one that is compared with the first.
        found: The metric.
        control: What knobs that do nothing did to it.
    """
    return _lost(found) or _thin(column, level) or _noisy(control)


def too_few(trials: int, coefficients: int) -> Doubt | None:
    """Whether there are too few trials for the model of all knobs."""
    needed = coefficients + FEWEST_DEGREES
    if trials >= needed:
        return None
    reason = f"{plural(trials, 'trial')}; with these knobs {needed} at least are needed"
    return Doubt("too few trials", reason)


def _lost(found: Outcomes) -> Doubt | None:
    if not found.lost:
        return None
    reason = (
        f"{plural(found.lost, 'trial')} pruned without a value at an epoch that all reached, and "
        "those that remain are the better ones; search with `pruner: none`, or ablate"
    )
    return Doubt("observational, unreliable", reason)


def _thin(column: Column, level: int) -> Doubt | None:
    """Too few trials at one of the levels; the sampler's doing where there are many in all."""
    counts = {each: int((column.levels == each).sum()) for each in (0, level)}
    fewest = min(counts, key=lambda each: counts[each])
    if counts[fewest] >= FEWEST_AT_LEVEL:
        return None
    label = column.knob.levels[fewest]
    share = float(column.knob.weights[column.knob.level_of == fewest].sum())
    total = int(column.applies.sum())
    if share * total < FEWEST_AT_LEVEL:
        reason = (
            f"{plural(counts[fewest], 'trial')} at {label}; {FEWEST_AT_LEVEL} at least are needed"
        )
        return Doubt("too few trials", reason)
    reason = f"the sampler left {counts[fewest]} of {total} trials at {label}; ablate, or search"
    return Doubt("observational, unreliable", f"{reason} with `method: random`")


def _noisy(control: Control | None) -> Doubt | None:
    if control is None or not control.is_suspicious:
        return None
    reason = f"{control.false} of {control.comparisons} comparisons of a knob that does nothing"
    return Doubt("observational, unreliable", f"{reason} had p ≤ 0.05 in these data")
