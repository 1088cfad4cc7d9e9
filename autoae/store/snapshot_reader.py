"""Snapshots of a study that Optuna reads, from any storage.

Keep one reader for one `Study` object and ask it again and again: Optuna and the reader both
remember finished trials, so a poll of 10,000 trials takes about 10 ms. Reading a study anew, or
with deep copies, takes seconds.
"""

from typing import TYPE_CHECKING, get_args

from autoae.spec.settings import Objective
from autoae.store.records import TrialRecord, objectives_of, snapshot_of, study_snapshot
from autoae.store.snapshot import State, StudyReading, StudySnapshot, TrialSnapshot

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial


class SnapshotReader:
    """Takes snapshots of one study, again and again.

    Args:
        study: Kept open; not used from several threads at once.
    """

    def __init__(self, study: "Study") -> None:
        self._study = study
        self._objectives = _objectives(study)
        self._finished: dict[int, TrialSnapshot] = {}

    def read(self) -> StudySnapshot:
        """The study as it stands now."""
        return self.reading().snapshot

    def reading(self) -> StudyReading:
        """The study as it stands now, with its own attributes."""
        kept = self._study.user_attrs
        trials = [self._snapshot(trial) for trial in self._study.get_trials(deepcopy=False)]
        snapshot = study_snapshot(self._study.study_name, self._objectives, kept, trials)
        return StudyReading(snapshot, kept)

    def _snapshot(self, trial: "FrozenTrial") -> TrialSnapshot:
        if trial.number in self._finished:
            return self._finished[trial.number]
        snapshot = trial_snapshot(trial, [each.metric for each in self._objectives])
        if trial.state.is_finished():
            self._finished[trial.number] = snapshot
        return snapshot


def read_snapshot(study: "Study") -> StudySnapshot:
    """The study as it stands now, read once."""
    return SnapshotReader(study).read()


def trial_snapshot(trial: "FrozenTrial", objectives: list[str]) -> TrialSnapshot:
    """A trial of Optuna as a snapshot.

    Args:
        trial: Not changed and not kept.
        objectives: The metrics that are optimised, in order.
    """
    return snapshot_of(
        TrialRecord(
            number=trial.number,
            state=_state(trial),
            values=tuple(trial.values or ()),
            params=dict(trial.params),
            intermediate=trial.intermediate_values,
            attributes=trial.user_attrs,
            started=trial.datetime_start,
            finished=trial.datetime_complete,
        ),
        objectives,
    )


def _state(trial: "FrozenTrial") -> State:
    return next(state for state in get_args(State) if state == trial.state.name)


def _objectives(study: "Study") -> tuple[Objective, ...]:
    return objectives_of(study.metric_names, [direction.name for direction in study.directions])
