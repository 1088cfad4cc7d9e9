"""The inert control: what the same analysis says of knobs that do nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binom

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.columns import Column
from autoae.analysis.effects.design import build
from autoae.analysis.effects.estimates import LEVEL, Estimate
from autoae.analysis.effects.model import Ratios, as_estimates, solve
from autoae.analysis.ledger import Interval

DRAWS = 20
"""Control knobs, drawn one after the other."""

NAME = "inert control"
_SUSPICIOUS = 0.01


@dataclass(frozen=True)
class Control:
    """What control knobs did to one metric.

    Attributes:
        mean: Of their estimated effects; about zero.
        middle: The middle 95 % of them: the noise that a reader should expect.
        false: How many had p ≤ 0.05, uncorrected.
        comparisons: How many comparisons there were.
    """

    mean: float
    middle: Interval
    false: int
    comparisons: int

    @property
    def is_suspicious(self) -> bool:
        """Whether there are more false ones than a sound analysis has once in 100 times."""
        return bool(binom.sf(self.false - 1, self.comparisons, LEVEL) < _SUSPICIOUS)


def controls(
    columns: Sequence[Column], outcomes: Numbers, ratios: Sequence[Ratios], draws: int = DRAWS
) -> tuple[Control, ...]:
    """One for each metric.

    A control knob is a real one whose values are dealt anew among the trials: of the same type,
    as unevenly spread over its levels, and without any effect. It joins the others in the model.
    The draws go round the real knobs; their generator has a fixed seed.

    Args:
        columns: Of the real knobs.
        outcomes: Of shape (trials, metrics).
        ratios: The pair of the variances that is likeliest for each metric.
        draws: How many control knobs.
    """
    generator = np.random.default_rng(0)
    found: list[list[Estimate]] = [[] for _ in ratios]
    for draw in range(draws):
        control = _dealt(columns[draw % len(columns)], generator)
        for metric, estimates in enumerate(_effects(columns, control, outcomes, ratios)):
            found[metric] += estimates
    return tuple(_summary(estimates) for estimates in found if estimates)


def _dealt(column: Column, generator: np.random.Generator) -> Column:
    knob = replace(column.knob, name=NAME)
    return replace(column, knob=knob, cells=generator.permutation(column.cells))


def _effects(
    columns: Sequence[Column], control: Column, outcomes: Numbers, ratios: Sequence[Ratios]
) -> list[list[Estimate]]:
    """The control's effects on each metric."""
    design = build([*columns, control], asked=[control])
    solved = {each: solve(design, outcomes, each) for each in set(ratios)}
    return [
        [
            estimates[metric]
            for estimates in as_estimates(
                solved[each].values, np.sqrt(solved[each].variances), design.degrees
            )
        ]
        for metric, each in enumerate(ratios)
    ]


def _summary(estimates: Sequence[Estimate]) -> Control:
    values = [estimate.value for estimate in estimates]
    low, high = np.quantile(values, [0.025, 0.975])
    false = sum(estimate.p is not None and estimate.p <= LEVEL for estimate in estimates)
    middle = Interval(float(low), float(high))
    return Control(float(np.mean(values)), middle, false, len(values))
