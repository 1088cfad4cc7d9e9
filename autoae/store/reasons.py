"""Why trials failed: reasons that differ in their figures alone are of one kind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autoae.store.snapshot import TrialSnapshot

_FIGURE = re.compile(r"[-+]?\d[\d.,]*(e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """Trials that failed for reasons of one kind.

    Attributes:
        reason: Of the first one.
        trials: Their numbers.
    """

    reason: str
    trials: tuple[int, ...]


def kind_of(reason: str) -> str:
    """A reason without its figures: a learning rate, an epoch, a size."""
    return _FIGURE.sub("#", reason)


def failures(trials: Iterable[TrialSnapshot]) -> tuple[Failure, ...]:
    """What those of some trials failed for that did, the most frequent kind first."""
    kinds: dict[str, list[TrialSnapshot]] = {}
    for trial in trials:
        if trial.state == "FAIL":
            kinds.setdefault(kind_of(trial.reason), []).append(trial)
    found = (Failure(each[0].reason, tuple(one.number for one in each)) for each in kinds.values())
    return tuple(sorted(found, key=lambda failure: -len(failure.trials)))
