"""Trials that differ in nothing but their seed, and their means with intervals."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.special import stdtrit

from autoae.analysis.figures import direction_of, figure_of
from autoae.analysis.ledger import Interval
from autoae.analysis.values import value_text
from autoae.spec.domains import Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Mean:
    """The mean of some values, and how sure it is.

    Attributes:
        values: One for each trial.
        mean: Of the values.
        deviation: Standard deviation of one value; None for a single one.
        interval: Where the mean of many more lies, by Student's t; None for a single value.
    """

    values: tuple[float, ...]
    mean: float
    deviation: float | None
    interval: Interval | None

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)

    @property
    def error(self) -> float | None:
        """The standard error of the mean; None for a single value."""
        return None if self.deviation is None else self.deviation / math.sqrt(self.count)

    def one_more(self) -> Interval | None:
        """Where 95 % of single further values lie; None for a single value."""
        if self.deviation is None:
            return None
        return _around(self.mean, self.deviation * math.sqrt(1 + 1 / self.count), self.count)


@dataclass(frozen=True)
class Group:
    """The complete trials of one variant, or of one set of parameters.

    Attributes:
        name: The variant, or what was changed from the baseline.
        trials: One for each seed that is complete.
        missing: Its trials that are not complete.
    """

    name: str
    trials: tuple[TrialSnapshot, ...]
    missing: int = 0


def mean_of(values: Iterable[float]) -> Mean | None:
    """The mean with its interval; None without values."""
    known = tuple(values)
    if not known:
        return None
    mean = fmean(known)
    if len(known) == 1:
        return Mean(known, mean, None, None)
    deviation = stdev(known)
    error = deviation / math.sqrt(len(known))
    return Mean(known, mean, deviation, _around(mean, error, len(known)))


def mean_figure(study: StudySnapshot, trials: Iterable[TrialSnapshot], name: str) -> Mean | None:
    """The mean of a figure over trials; those without it are left out."""
    values = (figure_of(study, trial, name) for trial in trials)
    return mean_of(value for value in values if value is not None)


def groups(study: StudySnapshot) -> tuple[Group, ...]:
    """The variants of a list or an ablation, the best mean of the first objective first.

    Returns:
        Nothing for a search, whose trials repeat no seeds.
    """
    seeded = [trial for trial in study.trials if "seed" in trial.params]
    found: dict[str, list[TrialSnapshot]] = {}
    baseline = _settings(seeded[0]) if seeded else {}
    for trial in seeded:
        found.setdefault(_name(_settings(trial), baseline), []).append(trial)
    return tuple(sorted((_group(*item) for item in found.items()), key=lambda g: _rank(study, g)))


def _group(name: str, trials: Sequence[TrialSnapshot]) -> Group:
    complete = tuple(trial for trial in trials if trial.state == "COMPLETE")
    return Group(name, complete, len(trials) - len(complete))


def _settings(trial: TrialSnapshot) -> dict[str, Value]:
    return {name: value for name, value in trial.params.items() if name != "seed"}


def _name(settings: Mapping[str, Value], baseline: Mapping[str, Value]) -> str:
    if "variant" in settings:
        return str(settings["variant"])
    changed = [
        f"{key} = {value_text(value)}"
        for key, value in settings.items()
        if baseline.get(key) != value
    ]
    return ", ".join(changed) or "baseline"


def _rank(study: StudySnapshot, group: Group) -> float:
    metric = study.objectives[0].metric
    mean = mean_figure(study, group.trials, metric)
    if mean is None:
        return math.inf
    return mean.mean if direction_of(study, metric) == "minimize" else -mean.mean


def _around(middle: float, error: float, count: int) -> Interval:
    reach = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * error
    return Interval(middle - reach, middle + reach, CONFIDENCE)
