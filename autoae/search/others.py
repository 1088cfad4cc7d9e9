"""What the other coordinators of a study train, and what they leave behind when they die."""

import time
from collections.abc import Collection

from optuna.trial import FrozenTrial, TrialState

from autoae.search.ledger import Ledger
from autoae.search.observer import Observer
from autoae.search.retrying import RETRIES, lost, repeat_lost
from autoae.store.attributes import LEASE
from autoae.store.leases import REFRESH_SECONDS, SILENCE_SECONDS, Lease, lease_from

LOOK_SECONDS: float = REFRESH_SECONDS
"""How often a coordinator looks after the trials of the others."""
SILENT_LOOKS = SILENCE_SECONDS // REFRESH_SECONDS
"""After so many looks that found the same sign of life, a trial on another machine is lost.

Looks are counted, and the time of a sign of life is only compared with itself: clocks differ
between machines, and nobody could give a sign while the database was away.
"""


class Others:
    """Looks after the trials that other coordinators run.

    Args:
        ledger: Of the study.
        observer: Is told what was lost.
        retries: How often a trial that was lost is tried again.

    Attributes:
        running: Whether any did at the last look.
    """

    def __init__(self, ledger: Ledger, observer: Observer, retries: int = RETRIES) -> None:
        self.running = False
        self._ledger, self._observer, self._retries = ledger, observer, retries
        self._looked: float | None = None
        self._silent: dict[int, tuple[float, int]] = {}

    @property
    def due(self) -> bool:
        """Whether it is time for a look."""
        return self._looked is None or time.monotonic() - self._looked >= LOOK_SECONDS

    def look(self, own: Collection[int], unwanted: frozenset[int] = frozenset()) -> None:
        """Queue again what was lost; what may live is left alone.

        Args:
            own: The numbers of the trials that train here.
            unwanted: Trials that somebody asked to prune; lost, they are not queued again.
        """
        self._looked = time.monotonic()
        trials = [t for t in self._ledger.trials(TrialState.RUNNING) if t.number not in own]
        leases = {trial.number: lease for trial in trials if (lease := _lease(trial))}
        self._silent = {number: self._watched(number, each) for number, each in leases.items()}
        gone = [n for n, lease in leases.items() if lost(lease, silent=self._is_silent(n))]
        self.running = len(gone) < len(leases)
        if gone:
            found = repeat_lost(self._ledger, gone, unwanted, self._retries)
            for number, outcome in found.items():
                self._observer.log(f"trial {number} was lost with the run that had it: {outcome}")

    def _watched(self, number: int, lease: Lease) -> tuple[float, int]:
        seen, looks = self._silent.get(number, (lease.seen, -1))
        return lease.seen, (looks + 1 if lease.seen == seen else 0)

    def _is_silent(self, number: int) -> bool:
        return self._silent[number][1] >= SILENT_LOOKS


def _lease(trial: FrozenTrial) -> Lease | None:
    """A trial without one belongs to another program."""
    return lease_from(trial.user_attrs.get(LEASE))
