"""The trials of one study as a coordinator reads and writes them."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress

from optuna import Study
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from autoae.spec.domains import Value
from autoae.store.attributes import LEASE, REASON
from autoae.store.cached_rows import CachedRows
from autoae.store.leases import Lease
from autoae.store.patience import Patience
from autoae.store.queueing import QUEUED, queue
from autoae.store.row_reading import Extent
from autoae.store.turns import turn
from autoae.store.writing import AttributeWriter


class Ledger:
    """Reads and writes trials; one that has ended is never changed.

    Another program, or a person at the dashboard, may end a running trial. What is written
    afterwards is dropped without a complaint.

    Args:
        storage: As `open_storage` gives it.
        study: In that storage, with its sampler and pruner.
        patience: With the storage, where it was taught some.
    """

    def __init__(
        self, storage: BaseStorage, study: Study, patience: Patience | None = None
    ) -> None:
        self.study = study
        self._storage = storage
        self._id = storage.get_study_id_from_name(study.study_name)
        self._patience = patience or Patience(lambda _: None, seconds=0.0)
        self._write = self._patience(AttributeWriter(storage).write)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the other coordinators of the study from asking and repeating, for the block.

        Raises:
            TurnLost: After the block: one of them may have done so all the same.
        """
        with ExitStack() as stack:
            self._patience(lambda: stack.enter_context(turn(self._storage, self._id)))()
            yield

    def trials(self, *states: TrialState) -> Sequence[FrozenTrial]:
        """The trials of some states, or all; not to be changed."""
        return self.study.get_trials(deepcopy=False, states=states or None)

    def trial(self, number: int) -> FrozenTrial:
        """One trial, as it stands."""
        return self._storage.get_trial(self._identity(number))

    def still(self, trials: Sequence[FrozenTrial]) -> AbstractContextManager[None]:
        """Let Optuna see these trials whenever it looks at all of them within the block."""
        rows = self._storage
        return rows.still(trials) if isinstance(rows, CachedRows) else nullcontext()

    def reads(self, extent: Extent) -> None:
        """Read no more than this of the trials from now on."""
        if isinstance(self._storage, CachedRows):
            self._storage.rows.extent = extent

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
        return Trial(copy.copy(self.study), self._storage.create_new_trial(self._id, template))

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

    def note(self, number: int, attributes: Mapping[str, object]) -> bool:
        """Keep user attributes with a trial; says whether that one has not ended."""
        try:
            self._write(self._identity(number), attributes)
        except UpdateFinishedTrialError:
            return False
        return True

    def queue(self, params: Mapping[str, Value], attributes: Mapping[str, Value]) -> None:
        """Let a trial with given parameters wait for its turn."""
        queue(self._storage, self._id, params, attributes)

    def complete(self, number: int, values: Sequence[float]) -> None:
        """End a trial with its values."""
        with suppress(UpdateFinishedTrialError):
            self.study.tell(number, list(values), skip_if_finished=True)

    def prune(self, number: int, reason: str) -> None:
        """End a trial that is not worth going on."""
        self._end(number, TrialState.PRUNED, reason)

    def fail(self, number: int, reason: str) -> None:
        """End a trial that cannot go on."""
        self._end(number, TrialState.FAIL, reason)

    def _end(self, number: int, state: TrialState, reason: str) -> None:
        self.note(number, {REASON: reason})
        with suppress(UpdateFinishedTrialError):
            self.study.tell(number, state=state, skip_if_finished=True)

    def _identity(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
