"""Which settings worked: what the best trials of a search have in common, and what they never have.

Counted, not modelled: settings whose share among the best fifth could hardly be chance. A sampler
that follows its successes gives their settings to more and more trials, so that only searches that
draw without looking at results can tell chance from success in this way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from scipy.stats import hypergeom

from autoae.analysis.best import best_trials
from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain, Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

FEWEST = 20
"""Complete trials below which the best fifth are too few to have anything in common."""

_SHARE = 5
_CHANCE = 0.05
"""Settings that stand out less often than this by chance do, each for itself."""


@dataclass(frozen=True)
class Setting:
    """One value of one knob.

    Attributes:
        knob: The dotted name of the parameter.
        value: As text.
        trials: Complete ones that have it.
        among_best: How many of these are among the best fifth of all.
        median: Of the first objective, over its trials.
        best: The best value of it.
        stands_out: `often` or `never` among the best fifth, more than chance would have it; else
            empty.
    """

    knob: str
    value: str
    trials: int
    among_best: int
    median: float
    best: float
    stands_out: str


@dataclass(frozen=True)
class SettingCounts:
    """The settings of a search.

    Attributes:
        metric: The objective.
        complete: Trials.
        best: Numbers of the best fifth of them, the best first.
        settings: Knob by knob in the order of the study file; none where trials are too few.
    """

    metric: str
    complete: int
    best: tuple[int, ...]
    settings: tuple[Setting, ...]

    def standing_out(self, how: str) -> tuple[Setting, ...]:
        """Those that stand out `often` or `never`, those of the most trials first."""
        found = [each for each in self.settings if each.stands_out == how]
        return tuple(sorted(found, key=lambda each: (-each.among_best, -each.trials)))


def count_settings(
    study: StudySnapshot, domains: Mapping[str, Domain], *, blind: bool
) -> SettingCounts:
    """Count the settings of every knob that is a choice.

    Args:
        study: Its complete trials are used; of several objectives there is no best fifth.
        domains: Every parameter that can occur, by name.
        blind: Whether the settings were drawn without looking at results.
    """
    trials, objective = study.of_state("COMPLETE"), study.objectives[0]
    if len(trials) < FEWEST or len(study.objectives) > 1:
        return SettingCounts(objective.metric, len(trials), (), ())
    best = tuple(each.number for each in best_trials(study, len(trials) // _SHARE))
    counter = _Counter(trials, frozenset(best), objective.direction == "maximize", blind)
    found = [
        setting
        for name, domain in domains.items()
        if isinstance(domain, Choices) and name != "seed"
        for setting in counter.settings(name, domain)
    ]
    return SettingCounts(objective.metric, len(trials), best, tuple(found))


@dataclass(frozen=True)
class _Counter:
    trials: tuple[TrialSnapshot, ...]
    best: frozenset[int]
    more_is_better: bool
    blind: bool

    def settings(self, knob: str, domain: Choices) -> list[Setting]:
        """Its values that some trial has; none where all have the same."""
        # Where a knob does not apply, a trial is not counted.
        asked = [trial for trial in self.trials if knob in trial.params]
        pairs = zip(domain.values, domain.labels, strict=True)
        groups = [
            (value, [t for t in asked if repr(t.params[knob]) in {repr(value), repr(label)}])
            for value, label in pairs
        ]
        known = [(value, trials) for value, trials in groups if trials]
        return [self._setting(knob, *each, asked) for each in known] if len(known) > 1 else []

    def _setting(
        self, knob: str, value: Value, trials: list[TrialSnapshot], asked: list[TrialSnapshot]
    ) -> Setting:
        values = [trial.values[0] for trial in trials]
        among = sum(trial.number in self.best for trial in trials)
        drawn = sum(trial.number in self.best for trial in asked)
        return Setting(
            knob=knob,
            value=value_text(value),
            trials=len(trials),
            among_best=among,
            median=median(values),
            best=max(values) if self.more_is_better else min(values),
            stands_out=_stands_out(among, len(asked), len(trials), drawn) if self.blind else "",
        )


def _stands_out(among: int, asked: int, trials: int, drawn: int) -> str:
    """Whether so many of the drawn ones are more, or none fewer, than chance would give."""
    chance = hypergeom(asked, trials, drawn)
    if chance.sf(among - 1) < _CHANCE:
        return "often"
    return "never" if among == 0 and chance.pmf(0) < _CHANCE else ""
