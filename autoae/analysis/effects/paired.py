"""Effects from settings that were trained with the same seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autoae.analysis.effects.arms import Arm
from autoae.analysis.effects.contrasts import Contrast, contrasts
from autoae.analysis.effects.corrections import holm
from autoae.analysis.effects.differences import Paired, difference
from autoae.analysis.effects.estimates import detectable, pairs_needed
from autoae.analysis.effects.outcomes import Outcomes, outcomes
from autoae.analysis.effects.paired_costs import cost_changes
from autoae.analysis.effects.paired_doubts import FEWEST_PAIRS, doubt_of
from autoae.analysis.effects.verdicts import found_at_best, verdict_of
from autoae.analysis.figures import direction_of
from autoae.analysis.ledger import CostChange, Effect
from autoae.store.snapshot import StudySnapshot


@dataclass(frozen=True)
class _Measured:
    """One contrast in one metric, before the correction for the others."""

    contrast: Contrast
    costs: tuple[CostChange, ...]
    outcomes: Outcomes
    paired: Paired

    @property
    def tested_p(self) -> float | None:
        """The p-value, where there are pairs enough for a claim."""
        return self.paired.estimate.p if self.paired.count >= FEWEST_PAIRS else None


@dataclass(frozen=True)
class _Family:
    """What one comparison needs to know of the others of its metric."""

    metric: str
    comparisons: int
    noise: float
    corrected: float | None


def paired_effects(
    study: StudySnapshot, arms: Sequence[Arm], metrics: Sequence[str]
) -> tuple[Effect, ...]:
    """Every arm against the baseline, in every metric.

    Args:
        study: It knows the direction of each metric.
        arms: Of the study, the baseline first.
        metrics: In the order of the ledger.
    """
    compared = [(each, cost_changes(each)) for each in contrasts(arms, arms[0])]
    return tuple(
        effect for metric in metrics for effect in _effects_on(study, arms, compared, metric)
    )


def _effects_on(
    study: StudySnapshot,
    arms: Sequence[Arm],
    compared: Sequence[tuple[Contrast, tuple[CostChange, ...]]],
    metric: str,
) -> Iterator[Effect]:
    measured = [_measure(study, contrast, costs, metric) for contrast, costs in compared]
    tested = [each.tested_p for each in measured]
    corrected = iter(holm([p for p in tested if p is not None]))
    comparisons = max(1, sum(p is not None for p in tested))
    noise = _noise(study, arms, metric)
    for each, p in zip(measured, tested, strict=True):
        family = _Family(metric, comparisons, noise, None if p is None else next(corrected))
        yield _effect(study, each, family)


def _measure(
    study: StudySnapshot, contrast: Contrast, costs: tuple[CostChange, ...], metric: str
) -> _Measured:
    found = outcomes(study, contrast.trials, metric)
    return _Measured(contrast, costs, found, difference(contrast, found.values))


def _noise(study: StudySnapshot, arms: Sequence[Arm], metric: str) -> float:
    """The standard deviation over the seeds within one setting, pooled over all settings."""
    squares, degrees = 0.0, 0
    for arm in arms:
        values = list(outcomes(study, list(arm.ended.values()), metric).values.values())
        if len(values) > 1:
            squares += float(np.var(values)) * len(values)
            degrees += len(values) - 1
    return float(np.sqrt(squares / degrees)) if degrees else 0.0


def _effect(study: StudySnapshot, measured: _Measured, family: _Family) -> Effect:
    contrast, paired = measured.contrast, measured.paired
    estimate, direction = paired.estimate, direction_of(study, family.metric)
    smallest = detectable(estimate, family.comparisons)
    needed = pairs_needed(family.noise / 2, paired.deviation, family.comparisons)
    doubt = doubt_of(contrast, measured.outcomes, paired, family.comparisons, needed)
    verdict = verdict_of(estimate.value, family.corrected, direction, doubt)
    more = f"{needed} seeds" if needed is not None and needed > paired.count else ""
    at_best = found_at_best(f"{paired.count} seeds", smallest, more)
    reason = at_best if verdict == "no evidence" else ""
    return Effect(
        knob=contrast.knob,
        level=contrast.level,
        reference=contrast.reference,
        kind=contrast.kind,
        metric=family.metric,
        direction=direction,
        estimate=estimate.value if paired.count else None,
        interval=estimate.interval(),
        simultaneous=estimate.interval(family.comparisons),
        p=estimate.p,
        corrected_p=family.corrected,
        comparisons=family.comparisons,
        count=paired.count,
        reference_count=paired.count,
        trials=tuple(contrast.added[0].trials[seed].number for seed in contrast.seeds),
        epoch=measured.outcomes.epoch,
        verdict=verdict,
        reason=doubt.reason if doubt is not None else reason,
        detectable=smallest,
        needed=needed,
        costs=measured.costs,
    )
