"""The knob ledger: what each knob did to each figure, how sure that is, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autoae.spec.domains import Value
from autoae.spec.metrics import Direction

Design = Literal["paired", "observational"]
"""`paired`: the same seeds with and without a change. `observational`: a model of the trials."""

Kind = Literal["level", "interaction", "inert"]
"""`level`: one value against another. `interaction`: what two changes do together beyond the sum
of what each does alone. `inert`: the control knob, which does nothing."""

Verdict = Literal["helps", "hurts", "no evidence", "too few trials", "observational, unreliable"]
"""`helps` and `hurts` respect the direction of the metric: less is better of what is minimised."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, with the share of intervals of its making that hold the truth."""

    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True)
class CostChange:
    """What a change does to one cost.

    Attributes:
        cost: Its name, as `params` or `latency_ms`.
        mean: The mean change, in the unit of the cost.
        reference: The mean cost of the baseline, or of the trials at the first level.
        interval: Of the mean change; None where it cannot be told, or where nothing varies.
    """

    cost: str
    mean: float
    reference: float
    interval: Interval | None

    @property
    def relative(self) -> float | None:
        """The change as a share of the reference; None where that is zero."""
        return self.mean / self.reference if self.reference else None


@dataclass(frozen=True)
class Effect:
    """What one change of one knob did to one metric.

    Attributes:
        knob: The dotted name of the parameter, `variant`, or two names joined by ` × `.
        level: The value, or the part of the range, that is compared; empty where nothing varied.
        reference: What it is compared with.
        kind: What kind of comparison it is.
        metric: The figure that it is about.
        direction: Which way that metric is better.
        estimate: The mean difference, level less reference, in the unit of the metric; None
            where there is none.
        interval: 95 %, for this comparison alone.
        simultaneous: 95 % for all comparisons of this metric together (Bonferroni).
        p: Two-sided, for this comparison alone.
        corrected_p: After Holm's correction over the comparisons of this metric: the verdict's.
        comparisons: How many comparisons were corrected for.
        count: Pairs of trials of one seed; or trials at this level, in an observational study.
        reference_count: Trials at the reference; the same pairs in a paired study.
        trials: The numbers of the trials of the level, those that the estimate rests on.
        epoch: The epoch after which the metric was taken where trials were pruned; else None,
            and it is each trial's own figure.
        verdict: In words.
        reason: Why that is the verdict, or what would be needed, in one sentence; may be empty.
        detectable: The smallest difference that this design would find in 80 % of its
            repetitions at the corrected level; None where its spread is unknown.
        needed: Seeds (paired) or uniformly drawn trials (observational) that would find, in
            80 % of the repetitions and at the corrected level, half a standard deviation of the
            noise; None where it is unknown.
        costs: The changes in costs.
    """

    knob: str
    level: str
    reference: str
    kind: Kind
    metric: str
    direction: Direction
    estimate: float | None
    interval: Interval | None
    simultaneous: Interval | None
    p: float | None
    corrected_p: float | None
    comparisons: int
    count: int
    reference_count: int
    trials: tuple[int, ...]
    epoch: int | None
    verdict: Verdict
    reason: str
    detectable: float | None
    needed: int | None
    costs: tuple[CostChange, ...]

    @property
    def is_claim(self) -> bool:
        """Whether something is claimed."""
        return self.verdict in ("helps", "hurts")


@dataclass(frozen=True)
class Ledger:
    """Every effect that a study shows.

    Attributes:
        study: Its name.
        design: How the effects were measured; the whole ledger is of one design.
        baseline: What everything is compared with, by parameter (paired), else empty.
        metrics: Those with effects, the objectives first.
        effects: Metric by metric; within one, knob by knob in the order of the study file, the
            inert control last.
        states: How many trials are complete, pruned, failed, refused, running or waiting: only
            those that occur.
        seeds: Those with which the baseline ended, in order (paired), else empty.
        method: How the effects were computed and how pruned and failed trials were treated, one
            sentence each.
        notices: What the reader should know of these data (a knob that never varied, running
            trials, a knob whose trials failed more often), one line each.
        problem: Why there are no effects at all and what would be needed, in one line; else None.
    """

    study: str
    design: Design
    baseline: Mapping[str, Value]
    metrics: tuple[str, ...]
    effects: tuple[Effect, ...]
    states: Mapping[str, int]
    seeds: tuple[int, ...]
    method: tuple[str, ...]
    notices: tuple[str, ...]
    problem: str | None

    def of(self, metric: str) -> tuple[Effect, ...]:
        """The effects on one metric."""
        return tuple(effect for effect in self.effects if effect.metric == metric)

    @property
    def claims(self) -> tuple[Effect, ...]:
        """The effects that help or hurt."""
        return tuple(effect for effect in self.effects if effect.is_claim)
