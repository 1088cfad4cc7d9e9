"""Which trial of a study to take home, before and after new seeds.

With one objective the best after new seeds, or the smallest within one standard error of it (see
`confirmation`). With several no trial is best in all: the one to take is the trial of the front
nearest to the ideal point that has the best of every objective, each scaled to its range on the
front, costs and errors by their logarithm (compromise programming: Zeleny, 1973).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, log

from autoae.analysis.confirmation import confirmation, contenders
from autoae.analysis.figures import direction_of
from autoae.analysis.front import non_dominated
from autoae.analysis.groups import groups, mean_figure
from autoae.spec.confirmation import candidate_of
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

Point = tuple[float, ...]


@dataclass(frozen=True)
class Winner:
    """The trial to take home.

    Attributes:
        trial: Its number in the study that was searched.
        rule: Why that one, in words.
        again: Its complete trainings with new seeds, in the study that confirmed it, the best
            first; empty where it was not confirmed.
    """

    trial: int
    rule: str
    again: tuple[TrialSnapshot, ...] = ()


def candidates(study: StudySnapshot, count: int) -> tuple[TrialSnapshot, ...]:
    """The trials that deserve new seeds, the first one first.

    Args:
        study: Its complete trials are compared.
        count: How many to return at most.
    """
    found = contenders(study, len(study.trials))
    if len(study.objectives) == 1:
        return found[:count]
    scale = _Scale.of(study, found)
    return tuple(sorted(found, key=lambda each: scale.distance(_means(study, [each]))))[:count]


def winner(study: StudySnapshot, again: StudySnapshot | None = None) -> Winner | None:
    """The trial to take home; None where no trial is complete.

    Args:
        study: That was searched.
        again: The list that trained its candidates with new seeds, if there is one.
    """
    first = candidates(study, 1)
    if not first:
        return None
    confirmed = None if again is None else confirmation(again)
    several = len(study.objectives) > 1
    if again is None or confirmed is None:
        rule = "nearest to the ideal point of the front" if several else "the best of the search"
        return Winner(first[0].number, f"{rule}, not confirmed")
    trained = {candidate_of(group.name): group.trials for group in groups(again) if group.trials}
    if not several:
        number = confirmed.smallest
        best = number == confirmed.candidates[0].trial
        rule = "the best mean" if best else "the smallest within one standard error of the best"
        return Winner(number, f"{rule} over new seeds", _best_first(again, trained[number]))
    scale = _Scale.of(study, contenders(study, len(study.trials)))
    known = {number: trials for number, trials in trained.items() if number is not None}
    near = min(known, key=lambda number: scale.distance(_means(again, known[number])))
    rule = "nearest to the ideal point of the front, by its means over new seeds"
    return Winner(near, rule, _best_first(again, known[near]))


def _best_first(again: StudySnapshot, trials: Sequence[TrialSnapshot]) -> tuple[TrialSnapshot, ...]:
    return tuple(sorted(trials, key=lambda trial: _turned(again, 0, trial.values[0])))


@dataclass(frozen=True)
class _Scale:
    """The range of each objective on a front."""

    low: Point
    high: Point

    @classmethod
    def of(cls, study: StudySnapshot, trials: Sequence[TrialSnapshot]) -> "_Scale":
        points = [_means(study, [trial]) for trial in trials]
        kept = [points[index] for index in non_dominated(points)]
        axes = list(zip(*kept, strict=True))
        return cls(tuple(min(axis) for axis in axes), tuple(max(axis) for axis in axes))

    def distance(self, point: Point) -> float:
        """How far a point is from the ideal one, in ranges."""
        ranges = zip(point, self.low, self.high, strict=True)
        scaled = [(value - low) / (high - low) for value, low, high in ranges if high > low]
        return dist(scaled, [0.0] * len(scaled))


def _means(study: StudySnapshot, trials: Sequence[TrialSnapshot]) -> Point:
    """The mean of each objective, turned so that less is better."""
    means = (mean_figure(study, trials, objective.metric) for objective in study.objectives)
    return tuple(
        _turned(study, index, mean.mean) for index, mean in enumerate(means) if mean is not None
    )


def _turned(study: StudySnapshot, objective: int, value: float) -> float:
    """Less is better; what is minimised above zero by its logarithm."""
    if direction_of(study, study.objectives[objective].metric) == "maximize":
        return -value
    return log(value) if value > 0 else value
