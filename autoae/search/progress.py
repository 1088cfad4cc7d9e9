"""The trials that run now, and what came of those that ended in this run."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from optuna.trial import Trial

from autoae.spec.config import Configuration
from autoae.store.leases import Lease

Mark = Literal["", "refused", "repeated"]


@dataclass
class Running:
    """A trial in training.

    Attributes:
        trial: Of Optuna.
        configuration: What is trained.
        lease: Who trains it.
        costs: As far as they are known.
        pruned_because: Why it was told to stop and shall count as pruned; else empty.
        pruned_since: When it was told so on request, in seconds of the monotonic clock.
        hangs: Why its worker was ended, where it told nothing for too long; else empty.
        heard: When its worker last told something, in seconds of the monotonic clock.
        unpruned: Whether its pruner shall leave it alone.
        dropped: Whether it was told to stop because the run ends.
    """

    trial: Trial
    configuration: Configuration
    lease: Lease
    costs: Mapping[str, float] = field(default_factory=dict)
    pruned_because: str = ""
    pruned_since: float | None = None
    hangs: str = ""
    heard: float = field(default_factory=time.monotonic)
    unpruned: bool = False
    dropped: bool = False

    @property
    def number(self) -> int:
        """Of the trial."""
        return self.trial.number

    @property
    def epochs(self) -> int:
        """How many it may have."""
        return self.configuration.training.epochs


@dataclass
class Tally:
    """What came of the trials of this run.

    Attributes:
        states: How many ended in each state, in Optuna's words.
        refusals: How many in a row were refused, up to the last one.
        reasons: Why the first ones failed, as long as every one did.
        under_way: The running trials that have trained an epoch.
    """

    states: Counter[str] = field(default_factory=Counter)
    refusals: int = 0
    reasons: list[str] = field(default_factory=list)
    under_way: set[int] = field(default_factory=set)
    _only_failures: bool = True

    @property
    def ended(self) -> int:
        """How many trials have ended."""
        return sum(self.states.values())

    def count(self, state: str, reason: str, *, mark: Mark = "") -> None:
        """Note that a trial has ended.

        Args:
            state: In Optuna's words.
            reason: Why it was pruned or failed.
            mark: `refused`: it never began; `repeated`: it failed through no fault of its own.
        """
        self.states[state] += 1
        self.refusals = self.refusals + 1 if mark == "refused" else 0
        self._only_failures = self._only_failures and (state == "FAIL" or mark == "refused")
        if state == "FAIL" and not mark and self._only_failures:
            self.reasons.append(reason)

    def same_failure(self, trials: int, kind: Callable[[str], str] = str) -> str:
        """The reason for which the first so many trials failed, if it is one and the same.

        None while others are under way: of a stack, those that fail end first.

        Args:
            trials: How many.
            kind: Makes reasons the same that differ in what it leaves out.
        """
        first = self.reasons[:trials]
        all_failed = self._only_failures and len(first) == trials and not self.under_way
        return first[0] if all_failed and len(set(map(kind, first))) == 1 else ""
