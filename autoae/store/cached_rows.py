"""Optuna's cache of trials that have ended, in less memory and time for each of thousands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy as copied
from typing import TYPE_CHECKING

from optuna.distributions import BaseDistribution
from optuna.storages import _CachedStorage
from optuna.trial import FrozenTrial, TrialState

if TYPE_CHECKING:
    from collections.abc import Container

    from autoae.store.row_storage import RowStorage


class CachedRows(_CachedStorage):
    """Before a `RowStorage`, whose trials it keeps once they have ended.

    Optuna's own keeps two tables of identities of all trials, which only those that run need, and
    sorts all trials whenever somebody looks at them.

    Args:
        rows: The storage that is read.
    """

    def __init__(self, rows: "RowStorage") -> None:
        super().__init__(rows)
        self.rows = rows
        self._still: dict[tuple[TrialState, ...] | None, Sequence[FrozenTrial]] | None = None

    @contextmanager
    def still(self, trials: Sequence[FrozenTrial]) -> Iterator[None]:
        """Give these trials to everybody who asks for those of the study, within the block.

        A sampler looks once a parameter, and each time all trials that run are read anew: with a
        thousand of them that takes seconds.

        Args:
            trials: All of the study, as they were read last.
        """
        self._still = {None: trials}
        try:
            yield
        finally:
            self._still = None

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: "Container[TrialState] | None" = None,
    ) -> list[FrozenTrial]:
        """As Optuna's: those of some states, or all, by number."""
        found = self._read(study_id, states) if self._still is None else self._stood(states)
        return copied(list(found)) if deepcopy else list(found)

    def _read(self, study_id: int, states: "Container[TrialState] | None") -> Sequence[FrozenTrial]:
        self._read_trials_from_remote_storage(study_id)
        with self._lock:
            found = list(self._studies[study_id].trials.values())
        return found if states is None else [each for each in found if each.state in states]

    def _stood(self, states: "Container[TrialState] | None") -> Sequence[FrozenTrial]:
        assert self._still is not None
        some = None if states is None else tuple(each for each in TrialState if each in states)
        if some not in self._still:
            self._still[some] = [each for each in self._still[None] if each.state in (some or ())]
        return self._still[some]

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """As Optuna's; where the trial has ended meanwhile, it says so."""
        if trial_id not in self._trial_id_to_study_id_and_number:
            self.rows.check_trial_is_updatable(trial_id, self.rows.get_trial(trial_id).state)
        super().set_trial_param(trial_id, param_name, param_value_internal, distribution)

    def _add_trials_to_cache(self, study_id: int, trials: list[FrozenTrial]) -> None:
        known = self._studies[study_id].trials
        last = next(reversed(known), -1)
        # Two coordinators that add a trial each may be done in the other order.
        late = any(each.number < last and each.number not in known for each in trials)
        super()._add_trials_to_cache(study_id, trials)
        for trial in trials:
            if trial.state.is_finished():
                del self._trial_id_to_study_id_and_number[trial._trial_id]
                del self._study_id_and_number_to_trial_id[study_id, trial.number]
        if late:
            self._studies[study_id].trials = dict(sorted(known.items()))
