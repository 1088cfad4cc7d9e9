"""How every knob goes with every figure: rank correlations over the complete trials."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, t

from autoae.analysis.figures import figure_of
from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.metrics import COSTS, METRICS
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

FEWEST = 8
"""Complete trials below which no correlation is told."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Correlations:
    """Spearman's rank correlations of knobs with figures.

    Attributes:
        knobs: Of the rows; a choice that is no number has one row for each value, `name = value`.
        figures: Of the columns: objectives, costs and other metrics.
        values: From -1 to 1, row by row; None where fewer than `FEWEST` trials have both, or
            one of both never varied.
        trials: Complete trials.
        noise: What 95 % of the correlations of an inert knob stay below in size, one at a time.
        problem: Why there are none, in words; else None.
    """

    knobs: tuple[str, ...]
    figures: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    trials: int
    noise: float
    problem: str | None = None


def correlations(study: StudySnapshot, domains: Mapping[str, Domain]) -> Correlations:
    """Correlate every knob that varied with every figure that varied.

    Args:
        study: Its complete trials are used.
        domains: Every parameter that can occur, by name.
    """
    trials = study.of_state("COMPLETE")
    rows = _rows(trials, domains) if len(trials) >= FEWEST else {}
    if not rows:
        few = f"too few trials: {len(trials)} are complete, {FEWEST} are needed"
        problem = few if len(trials) < FEWEST else "no knob was varied"
        return Correlations((), (), (), len(trials), 1.0, problem)
    columns = _columns(study, trials)
    values = tuple(
        tuple(_spearman(row, column) for column in columns.values()) for row in rows.values()
    )
    return Correlations(tuple(rows), tuple(columns), values, len(trials), noise(len(trials)))


def noise(trials: int) -> float:
    """The size that 95 % of the correlations between unrelated figures stay below.

    Args:
        trials: That both figures are known of; at least 3.
    """
    freedom = trials - 2
    quantile = float(t.ppf(0.975, freedom))
    return quantile / math.sqrt(freedom + quantile**2)


def _rows(trials: Sequence[TrialSnapshot], domains: Mapping[str, Domain]) -> dict[str, Numbers]:
    rows: dict[str, Numbers] = {}
    for name, domain in domains.items():
        if name != "seed":
            rows |= _rows_of(trials, name, domain)
    return {name: row for name, row in rows.items() if _varies(row)}


def _rows_of(trials: Sequence[TrialSnapshot], name: str, domain: Domain) -> dict[str, Numbers]:
    values = [trial.params.get(name) for trial in trials]
    if not isinstance(domain, Choices) or all(_is_number(value) for value in domain.values):
        return {name: np.array([_number(value) for value in values])}
    labels = domain.labels
    if len(labels) == 2:
        # One row says it: the other value's would be its negative.
        labels = domain.labels[1:]
    return {f"{name} = {value_text(label)}": _indicator(values, label) for label in labels}


def _indicator(values: Sequence[Value], label: Value) -> Numbers:
    """1 for the value, 0 for another one, nothing where the knob did not apply."""
    return np.array([math.nan if value is None else float(value == label) for value in values])


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _columns(study: StudySnapshot, trials: Sequence[TrialSnapshot]) -> dict[str, Numbers]:
    names = [objective.metric for objective in study.objectives]
    names += [name for trial in trials for name in trial.costs]
    names += [name for trial in trials for name in trial.metrics if name.startswith("val_")]
    order = [*names[: len(study.objectives)], *COSTS, *METRICS]
    columns = {
        name: np.array([_number(figure_of(study, trial, name)) for trial in trials])
        for name in sorted(set(names), key=order.index)
    }
    return {name: column for name, column in columns.items() if _varies(column)}


def _varies(numbers: Numbers) -> bool:
    known = numbers[~np.isnan(numbers)]
    return len(known) >= FEWEST and bool(known.min() < known.max())


def _spearman(one: Numbers, other: Numbers) -> float | None:
    known = ~(np.isnan(one) | np.isnan(other))
    first, second = one[known], other[known]
    if not (_varies(first) and _varies(second)):
        return None
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
