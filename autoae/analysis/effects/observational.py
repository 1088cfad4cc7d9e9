"""Effects from a search, by a model of its trials."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autoae.analysis.effects.columns import Column
from autoae.analysis.effects.control import DRAWS, NAME, Control
from autoae.analysis.effects.corrections import holm
from autoae.analysis.effects.estimates import Estimate, detectable, draws_needed
from autoae.analysis.effects.knobs import Knob
from autoae.analysis.effects.observational_costs import CostTable, cost_table
from autoae.analysis.effects.searched import Searched, searched
from autoae.analysis.effects.verdicts import found_at_best, verdict_of
from autoae.analysis.figures import direction_of
from autoae.analysis.ledger import CostChange, Effect
from autoae.analysis.values import value_text
from autoae.spec.metrics import Direction
from autoae.store.snapshot import StudySnapshot


@dataclass(frozen=True)
class _Row:
    """One level of one knob in one metric.

    Attributes:
        found: What the search says of the metric.
        direction: Which way the metric is better.
        column: The knob over the trials.
        level: The one that is compared with the first.
        corrected: The p-value after the correction for the others; None where there is none.
        costs: The changes in costs.
    """

    found: Searched
    direction: Direction
    column: Column
    level: int
    corrected: float | None
    costs: tuple[CostChange, ...]

    @property
    def estimate(self) -> Estimate | None:
        """What the model says, where it can tell."""
        return self.found.estimates.get((self.column.knob.name, self.level))


def observational_effects(
    study: StudySnapshot, knobs: Sequence[Knob], metrics: Sequence[str]
) -> tuple[Effect, ...]:
    """Every level of every knob against its first one, in every metric that varies.

    The effect is the mean change over the uniform space: what changes on average when the knob
    moves from the first level to this one and all other knobs are drawn uniformly (on a log
    scale where theirs is one).

    Args:
        study: Its complete and pruned trials are used.
        knobs: Of the search, in order.
        metrics: In the order of the ledger.
    """
    found = searched(study, knobs, metrics)
    costs = cost_table(study, knobs)
    return tuple(
        effect
        for metric in metrics
        if metric in found
        for effect in _effects_on(found[metric], direction_of(study, metric), knobs, costs)
    )


def _effects_on(
    found: Searched, direction: Direction, knobs: Sequence[Knob], costs: CostTable
) -> Iterator[Effect]:
    corrected = _corrected(found)
    for knob in knobs:
        column = found.sample.column(knob.name)
        if column is None:
            yield _never_varied(found, direction, knob)
            continue
        for level in range(1, len(knob.levels)):
            key = (knob.name, level)
            row = _Row(found, direction, column, level, corrected.get(key), costs.get(key, ()))
            yield _untold(row) if row.estimate is None else _told(row, row.estimate)
    if found.control is not None:
        yield _inert(found, direction, found.control)


def _corrected(found: Searched) -> dict[tuple[str, int], float]:
    p_values = [1.0 if each.p is None else each.p for each in found.estimates.values()]
    return dict(zip(found.estimates, holm(p_values), strict=True))


def _told(row: _Row, estimate: Estimate) -> Effect:
    trials, comparisons = len(row.found.sample.trials), len(row.found.estimates)
    smallest = detectable(estimate, comparisons)
    needed = _needed(row)
    doubt = row.found.doubt_about(row.column, row.level)
    verdict = verdict_of(estimate.value, row.corrected, row.direction, doubt)
    more = f"{needed} trials of a random search" if needed > trials else ""
    at_best = found_at_best(f"{trials} trials", smallest, more)
    reason = at_best if verdict == "no evidence" else ""
    return replace(
        _untold(row),
        estimate=estimate.value,
        interval=estimate.interval(),
        simultaneous=estimate.interval(comparisons),
        p=estimate.p,
        corrected_p=row.corrected,
        verdict=verdict,
        reason=doubt.reason if doubt is not None else reason,
        detectable=smallest,
        needed=needed,
    )


def _needed(row: _Row) -> int:
    """Uniform draws that find half a standard deviation of the noise, if it were all there is."""
    knob, comparisons = row.column.knob, len(row.found.estimates)
    shares = [float(knob.weights[knob.level_of == level].sum()) for level in (0, row.level)]
    spread = math.sqrt(sum(1 / share for share in shares) / float(row.column.applies.mean()))
    return draws_needed(0.5, spread, comparisons)


def _untold(row: _Row) -> Effect:
    """The row without what the model says; it stands where that says nothing."""
    doubt = row.found.doubt_about(row.column, row.level)
    places = list(zip(row.found.sample.trials, row.column.levels, strict=True))
    trials = tuple(trial.number for trial, level in places if level == row.level)
    unknown = "these trials cannot tell its levels apart from those of other knobs"
    return replace(
        _blank(row.found, row.direction, row.column.knob.name),
        level=row.column.knob.levels[row.level],
        reference=row.column.knob.levels[0],
        comparisons=len(row.found.estimates),
        count=len(trials),
        reference_count=sum(level == 0 for _, level in places),
        trials=trials,
        verdict="observational, unreliable" if doubt is None else doubt.verdict,
        reason=unknown if doubt is None else doubt.reason,
        costs=row.costs,
    )


def _never_varied(found: Searched, direction: Direction, knob: Knob) -> Effect:
    values = [t.params[knob.name] for t in found.sample.trials if knob.name in t.params]
    always = f"always {value_text(values[0])}" if values else "in no trial"
    reason = f"never varied ({always}); trials with other values are needed"
    return replace(_blank(found, direction, knob.name), reason=reason)


def _inert(found: Searched, direction: Direction, control: Control) -> Effect:
    """The control: its interval is where 95 % of the effects of its draws lie."""
    seen = f"{control.false} of {control.comparisons} comparisons had p ≤ 0.05"
    return replace(
        _blank(found, direction, NAME),
        level=f"{DRAWS} draws",
        kind="inert",
        estimate=control.mean,
        interval=control.middle,
        count=len(found.sample.trials),
        reference_count=len(found.sample.trials),
        trials=tuple(trial.number for trial in found.sample.trials),
        verdict="observational, unreliable" if control.is_suspicious else "no evidence",
        reason=f"does nothing: 95 % of its estimates lie in this interval; {seen}",
    )


def _blank(found: Searched, direction: Direction, knob: str) -> Effect:
    return Effect(
        knob=knob,
        level="",
        reference="",
        kind="level",
        metric=found.metric,
        direction=direction,
        estimate=None,
        interval=None,
        simultaneous=None,
        p=None,
        corrected_p=None,
        comparisons=0,
        count=0,
        reference_count=0,
        trials=(),
        epoch=found.found.epoch,
        verdict="too few trials",
        reason="",
        detectable=None,
        needed=None,
        costs=(),
    )
