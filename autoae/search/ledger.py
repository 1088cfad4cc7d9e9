"""The trials of one study as a coordinator reads and writes them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy

from optuna import Study
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from autoae.spec.domains import Value
from autoae.store.attributes import LEASE, REASON
from autoae.store.leases import Lease
from autoae.store.queueing import QUEUED, queue
from autoae.store.writing import AttributeWriter


class Ledger:
    """Reads and writes trials; one that has ended is never changed.

    Another program, or a person at the dashboard, may end a running trial. What is written
    afterwards is dropped without a complaint.

    Args:
        storage: As `open_storage` gives it.
        study: In that storage, with its sampler and pruner.
    """

    def __init__(self, storage: BaseStorage, study: Study) -> None:
        self.study = study
        self._storage = storage
        self._id = storage.get_study_id_from_name(study.study_name)
        self._writer = AttributeWriter(storage)

    def trials(self, *states: TrialState) -> Sequence[FrozenTrial]:
        """The trials of some states, or all; not to be changed."""
        return self.study.get_trials(deepcopy=False, states=states or None)

    def trial(self, number: int) -> FrozenTrial:
        """One trial, as it stands."""
        return self._storage.get_trial(self._identity(number))

    def create(self, lease: Lease, queued: Mapping[str, Value] | None = None) -> Trial:
        """Start a trial under a lease.

        `Study.ask` creates a trial first and lets the caller mark it afterwards. A coordinator
        that died in between would leave a running trial of which nobody knows whose it is; so
        here both happen at once.

        Args:
            lease: Who runs it.
            queued: Parameters that are given; the sampler gives the others.
        """
        template = create_trial(
            state=TrialState.RUNNING,
            user_attrs={LEASE: lease.to_json()},
            system_attrs={} if queued is None else {QUEUED: dict(queued)},
        )
        # A copy of the study, for a study looks at its trials once and then draws from that until
        # one of them ends: what was drawn for another worker meanwhile would be drawn again.
        return Trial(copy(self.study), self._storage.create_new_trial(self._id, template))

    def postpone(self, number: int) -> None:
        """Let a running trial whose parameters are set wait for its turn."""
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_state_values(self._identity(number), TrialState.WAITING)

    def claim(self, number: int, lease: Lease) -> Trial | None:
        """Start a waiting trial under a lease; None where another coordinator was faster."""
        identity = self._identity(number)
        try:
            self._storage.set_trial_user_attr(identity, LEASE, lease.to_json())
            if self._storage.set_trial_state_values(identity, TrialState.RUNNING):
                return Trial(self.study, identity)
        except UpdateFinishedTrialError:
            pass
        return None

    def note(self, number: int, attributes: Mapping[str, object]) -> None:
        """Keep user attributes with a trial."""
        with suppress(UpdateFinishedTrialError):
            self._writer.write(self._identity(number), attributes)

    def queue(self, params: Mapping[str, Value], attributes: Mapping[str, Value]) -> None:
        """Let a trial with given parameters wait for its turn."""
        queue(self._storage, self._id, params, attributes)

    def complete(self, number: int, values: Sequence[float]) -> None:
        """End a trial with its values."""
        self.study.tell(number, list(values), skip_if_finished=True)

    def prune(self, number: int, reason: str) -> None:
        """End a trial that is not worth going on."""
        self._end(number, TrialState.PRUNED, reason)

    def fail(self, number: int, reason: str) -> None:
        """End a trial that cannot go on."""
        self._end(number, TrialState.FAIL, reason)

    def _end(self, number: int, state: TrialState, reason: str) -> None:
        self.note(number, {REASON: reason})
        self.study.tell(number, state=state, skip_if_finished=True)

    def _identity(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
