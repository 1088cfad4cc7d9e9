"""Which parameters mattered, and whether enough trials say so."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.spec.domains import Choices, Domain, IntRange
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

FEWEST = 8
"""Complete trials below which no importance is told."""

_TOP = 5
"""Trials that the best share should hold, for PED-ANOVA to be stable."""


@dataclass(frozen=True)
class Importance:
    """The share of each parameter in reaching good values.

    Attributes:
        metric: The objective that they are about.
        shares: By parameter, the largest first, together 1; empty where there is a problem.
        trials: Complete trials that they rest on.
        problem: Why there are none, in words; else None.
    """

    metric: str
    shares: Mapping[str, float]
    trials: int
    problem: str | None = None


def importance(
    study: StudySnapshot, domains: Mapping[str, Domain], objective: int = 0
) -> Importance:
    """PED-ANOVA over the complete trials, conditional parameters included.

    It compares how each parameter is distributed among the best trials and among all
    (Watanabe et al., https://arxiv.org/abs/2304.10255; for conditional parameters
    https://arxiv.org/abs/2601.20800). The best are a tenth of the trials, but five of them at
    least where that is no more than half.

    Args:
        study: Its complete trials are used.
        domains: Every parameter that can occur, by name.
        objective: The index of the objective.
    """
    metric = study.objectives[objective].metric
    trials = study.of_state("COMPLETE")
    varied = [name for name in domains if len({repr(t.params.get(name)) for t in trials}) > 1]
    problem = _problem(trials, varied, objective, metric)
    if problem is not None:
        return Importance(metric, {}, len(trials), problem)
    searched = {name: domains[name] for name in varied}
    shares = _evaluate(_study_of(study, trials, searched, objective), len(trials))
    if not sum(shares.values()):
        return Importance(metric, {}, len(trials), "no parameter stands out among the best trials")
    ordered = sorted(shares.items(), key=lambda share: -share[1])
    return Importance(metric, dict(ordered), len(trials))


def _problem(
    trials: Sequence[TrialSnapshot], varied: Sequence[str], objective: int, metric: str
) -> str | None:
    if len(trials) < FEWEST:
        return f"too few trials: {len(trials)} are complete, {FEWEST} are needed"
    if len({trial.values[objective] for trial in trials}) == 1:
        return f"every complete trial has the same {metric}"
    if len(varied) < 2:
        return "only one parameter was varied" if varied else "no parameter was varied"
    return None


def _study_of(
    study: StudySnapshot,
    trials: Sequence[TrialSnapshot],
    domains: Mapping[str, Domain],
    objective: int,
) -> "Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    copy = optuna.create_study(direction=study.objectives[objective].direction)
    distributions = {name: _distribution(name, domains[name], trials) for name in domains}
    for trial in trials:
        params = {name: value for name, value in trial.params.items() if name in domains}
        copy.add_trial(
            optuna.trial.create_trial(
                params=params,
                distributions={name: distributions[name] for name in params},
                value=trial.values[objective],
            )
        )
    return copy


def _evaluate(study: "Study", trials: int) -> dict[str, float]:
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    quantile = min(max(0.1, _TOP / trials), 0.5)
    evaluator = PedAnovaImportanceEvaluator(target_quantile=quantile)
    with warnings.catch_warnings():
        # What it warns of (too few trials, all alike) has been told as a problem.
        warnings.simplefilter("ignore")
        return get_param_importances(study, evaluator=evaluator)


def _distribution(name: str, domain: Domain, trials: Sequence[TrialSnapshot]) -> "BaseDistribution":
    """The domain as Optuna knows it, wide enough for trials of a range that was changed since."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(domain, Choices):
        return CategoricalDistribution(domain.labels)
    seen = [trial.params[name] for trial in trials if name in trial.params]
    numbers = [value for value in seen if isinstance(value, int | float)]
    low, high = min(domain.low, *numbers), max(domain.high, *numbers)
    if isinstance(domain, IntRange):
        return IntDistribution(int(low), int(high), log=domain.log)
    return FloatDistribution(low, high, log=domain.log)
