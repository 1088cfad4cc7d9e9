"""The best candidates of a study, trained again with seeds that did not choose them.

Whoever is the best of many has had luck as well, so its own figure flatters it. New seeds tell
what it is worth; and among those that are as good as the best within its standard error, the
smallest is the one to take (the 1-SE rule of Breiman, Friedman, Olshen and Stone, Classification
and Regression Trees, 1984).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from autoae.analysis.best import best_trials
from autoae.analysis.figures import direction_of
from autoae.analysis.groups import Group, Mean, groups, mean_figure
from autoae.spec.confirmation import candidate_of
from autoae.spec.metrics import Direction
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


@dataclass(frozen=True)
class Candidate:
    """A trial that was trained again with new seeds.

    Attributes:
        trial: Its number in the study.
        notation: Its network.
        params: Its trainable parameters, if known.
        mean: Of the metric over the new seeds that are complete.
    """

    trial: int
    notation: str
    params: float | None
    mean: Mean


@dataclass(frozen=True)
class Confirmation:
    """The best candidates of a study, trained again with new seeds and all their epochs.

    Attributes:
        metric: They are ranked by.
        candidates: The best mean first.
        smallest: The trial with the fewest parameters within one standard error of the best.
        margin: That standard error; None where the best has a single seed, so that it is the
            smallest itself.
        lost: Trials of which no new seed is complete.
    """

    metric: str
    candidates: tuple[Candidate, ...]
    smallest: int
    margin: float | None = None
    lost: tuple[int, ...] = ()


def contenders(study: StudySnapshot, count: int) -> tuple[TrialSnapshot, ...]:
    """The best trials that differ in more than their seed, the best first.

    Of a list or an ablation each variant stands with its mean, and its first trial speaks for it.
    With several objectives they are those of the front, in the order of `best_trials`.

    Args:
        study: Its complete trials are compared.
        count: How many to return at most.
    """
    known: dict[str, TrialSnapshot] = {}
    for trial in _ranked(study):
        if trial.configuration:
            known.setdefault(_identity(trial), trial)
    return tuple(known.values())[:count]


def unused_seed(study: StudySnapshot) -> int:
    """The first seed above all with which trials of a study were trained."""
    return max((trial.seed for trial in study.trials if trial.seed is not None), default=-1) + 1


def confirmation(again: StudySnapshot) -> Confirmation | None:
    """What new seeds say of candidates.

    Args:
        again: The list that trained them, its variants called after their trials.

    Returns:
        None while no candidate has a complete trial.
    """
    metric = again.objectives[0].metric
    found = [(candidate_of(group.name), group) for group in groups(again)]
    named = [(number, group) for number, group in found if number is not None]
    known = [_candidate(again, number, group) for number, group in named if group.trials]
    ranked = tuple(candidate for candidate in known if candidate is not None)
    if not ranked:
        return None
    lost = {number for number, _ in named} - {candidate.trial for candidate in ranked}
    smallest = _smallest(ranked, direction_of(again, metric))
    return Confirmation(metric, ranked, smallest.trial, ranked[0].mean.error, tuple(sorted(lost)))


def _candidate(again: StudySnapshot, number: int, group: Group) -> Candidate | None:
    mean = mean_figure(again, group.trials, again.objectives[0].metric)
    first = group.trials[0]
    params = first.costs.get("params")
    return None if mean is None else Candidate(number, first.network, params, mean)


def _smallest(ranked: tuple[Candidate, ...], direction: Direction) -> Candidate:
    """The fewest parameters within one standard error of the best; of equals the better one."""
    best = ranked[0].mean
    margin, sign = best.error or 0.0, 1 if direction == "minimize" else -1
    near = [each for each in ranked if sign * (each.mean.mean - best.mean) <= margin]
    return min(near, key=lambda each: inf if each.params is None else each.params)


def _ranked(study: StudySnapshot) -> Iterator[TrialSnapshot]:
    repeated = [group.trials[0] for group in groups(study) if group.trials]
    yield from repeated or best_trials(study, len(study.trials))


def _identity(trial: TrialSnapshot) -> str:
    """Everything that was trained but the seeds and the place."""
    known = json.loads(json.dumps(dict(trial.configuration)))
    for section, leaf in (("training", "seed"), ("training", "device"), ("data", "order_seed")):
        if isinstance(known.get(section), dict):
            known[section].pop(leaf, None)
    return json.dumps(known, sort_keys=True)
