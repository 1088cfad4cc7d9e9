"""The arms of a paired study: each setting with its trials, one a seed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autoae.analysis.effects.values import SEED, VARIANT, Key, key_of, without_seed
from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain, Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

_RANK = {"COMPLETE": 0, "PRUNED": 1, "FAIL": 2}


@dataclass(frozen=True)
class Arm:
    """One setting.

    Attributes:
        changes: What differs from the baseline, by name; empty for the baseline itself.
        trials: By seed; of several trials of one seed the first complete one.
    """

    changes: Mapping[str, Value]
    trials: Mapping[int, TrialSnapshot]

    @property
    def knob(self) -> str:
        """The names of what it changes."""
        return ", ".join(self.changes)

    @property
    def level(self) -> str:
        """The values that it changes them to."""
        return ", ".join(value_text(value) for value in self.changes.values())

    @property
    def ended(self) -> dict[int, TrialSnapshot]:
        """The trials that have something to tell."""
        return {seed: trial for seed, trial in self.trials.items() if trial.state != "FAIL"}


def is_paired(domains: Mapping[str, Domain], baseline: Mapping[str, Value] | None) -> bool:
    """Whether the study compares settings seed by seed."""
    return baseline is not None or SEED in domains or VARIANT in domains


def find_baseline(
    study: StudySnapshot, domains: Mapping[str, Domain], given: Mapping[str, Value] | None
) -> dict[str, Value]:
    """The setting that everything is compared with.

    What is given; else the first variant of a list, the first of every `values`, and of anything
    else the value that most trials have: an ablation leaves a factor alone most of the time.
    """
    settings = [without_seed(trial.params) for trial in study.counted]
    names = dict.fromkeys(name for setting in settings for name in setting)
    chosen = given or {}
    found = {
        name: chosen[name] if name in chosen else _first(domains.get(name), name, settings)
        for name in names
    }
    # What only other levels ask for is no part of the baseline.
    run = [setting for setting in settings if _agrees(setting, found)]
    return max(run, key=len, default=found)


def find_arms(study: StudySnapshot, baseline: Mapping[str, Value]) -> tuple[Arm, ...]:
    """Every setting of the study, the baseline first where it has trials."""
    groups: dict[frozenset[tuple[str, Key]], list[TrialSnapshot]] = {}
    for trial in study.counted:
        groups.setdefault(_identity(without_seed(trial.params)), []).append(trial)
    arms = [_arm(trials, baseline) for trials in groups.values()]
    return tuple(sorted(arms, key=lambda arm: bool(arm.changes)))


def _arm(trials: Sequence[TrialSnapshot], baseline: Mapping[str, Value]) -> Arm:
    setting = without_seed(trials[0].params)
    chosen: dict[int, TrialSnapshot] = {}
    for trial in sorted(trials, key=lambda trial: (_RANK[trial.state], trial.number)):
        seed = seed_of(trial)
        if seed is not None:
            chosen.setdefault(seed, trial)
    return Arm(_changes(setting, baseline), dict(sorted(chosen.items())))


def seed_of(trial: TrialSnapshot) -> int | None:
    """The seed by which trials are paired."""
    seed = trial.params.get(SEED, trial.seed)
    return seed if isinstance(seed, int) else None


def _changes(setting: Mapping[str, Value], baseline: Mapping[str, Value]) -> dict[str, Value]:
    changed = {
        name: value
        for name, value in setting.items()
        if name in baseline and key_of(value) != key_of(baseline[name])
    }
    # What only this level asks for (the width of a further layer) follows from it.
    return changed or {name: value for name, value in setting.items() if name not in baseline}


def _identity(setting: Mapping[str, Value]) -> frozenset[tuple[str, Key]]:
    return frozenset((name, key_of(value)) for name, value in setting.items())


def _first(domain: Domain | None, name: str, settings: Iterable[Mapping[str, Value]]) -> Value:
    if isinstance(domain, Choices):
        return domain.labels[0]
    counts = Counter(key_of(setting[name]) for setting in settings if name in setting)
    commonest = counts.most_common(1)[0][0]
    return next(
        setting[name]
        for setting in settings
        if name in setting and key_of(setting[name]) == commonest
    )


def _agrees(setting: Mapping[str, Value], baseline: Mapping[str, Value]) -> bool:
    return all(key_of(value) == key_of(baseline[name]) for name, value in setting.items())
