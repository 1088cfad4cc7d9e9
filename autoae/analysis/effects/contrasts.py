"""What is compared with what, seed by seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autoae.analysis.effects.arms import Arm
from autoae.analysis.effects.values import Key, key_of
from autoae.analysis.values import value_text
from autoae.store.snapshot import TrialSnapshot

TIMES = " × "


@dataclass(frozen=True)
class Contrast:
    """A sum of arms, each added or subtracted.

    Attributes:
        kind: A level against the baseline, or what two changes do together beyond their sum.
        knob: As in the ledger.
        level: As in the ledger.
        reference: As in the ledger.
        added: The arms that count; the one that the contrast is named after is the first.
        subtracted: Those that it is compared with.
        baseline: The arm without changes.
    """

    kind: Literal["level", "interaction"]
    knob: str
    level: str
    reference: str
    added: tuple[Arm, ...]
    subtracted: tuple[Arm, ...]
    baseline: Arm

    @property
    def arms(self) -> tuple[Arm, ...]:
        """All of them."""
        return (*self.added, *self.subtracted)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those with which every arm ended, complete or pruned."""
        common = set.intersection(*(set(arm.ended) for arm in self.arms))
        return tuple(sorted(common))

    @property
    def trials(self) -> tuple[TrialSnapshot, ...]:
        """Every trial of these seeds."""
        return tuple(arm.trials[seed] for arm in self.arms for seed in self.seeds)

    def failures(self) -> tuple[int, int]:
        """Seeds with which only what is added failed, and only what is subtracted."""
        added, subtracted = _failed(self.added), _failed(self.subtracted)
        return len(added - subtracted), len(subtracted - added)


def contrasts(arms: Sequence[Arm], baseline: Arm) -> Iterator[Contrast]:
    """One for every arm but the baseline, in the order of the arms.

    Args:
        arms: Of the study.
        baseline: The arm without changes.
    """
    single = {_only(arm): arm for arm in arms if len(arm.changes) == 1}
    for arm in arms:
        if arm.changes:
            parts = [single.get((name, key_of(value))) for name, value in arm.changes.items()]
            yield _contrast(arm, baseline, [part for part in parts if part is not None])


def _contrast(arm: Arm, baseline: Arm, parts: Sequence[Arm]) -> Contrast:
    if len(arm.changes) != 2 or len(parts) != 2:
        before = _before(arm, baseline, ", ")
        return Contrast("level", arm.knob, arm.level, before, (arm,), (baseline,), baseline)
    return Contrast(
        kind="interaction",
        knob=TIMES.join(arm.changes),
        level=TIMES.join(value_text(value) for value in arm.changes.values()),
        reference=_before(arm, baseline, TIMES),
        added=(arm, baseline),
        subtracted=tuple(parts),
        baseline=baseline,
    )


def _before(arm: Arm, baseline: Arm, joint: str) -> str:
    setting = next((dict(trial.params) for trial in baseline.trials.values()), {})
    return joint.join(
        value_text(setting[name]) if name in setting else "none" for name in arm.changes
    )


def _only(arm: Arm) -> tuple[str, Key]:
    name, value = next(iter(arm.changes.items()))
    return name, key_of(value)


def _failed(arms: Sequence[Arm]) -> set[int]:
    return {seed for arm in arms for seed, trial in arm.trials.items() if trial.state == "FAIL"}
