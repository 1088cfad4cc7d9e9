"""A study at one moment, as frozen data that knows nothing of Optuna.

Keep one reader for one `Study` object and ask it again and again: Optuna and the reader both
remember finished trials, so a poll of 10,000 trials takes about 10 ms. Reading a study anew, or
with deep copies, takes seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from autoae.spec.domains import Value
from autoae.spec.metrics import COSTS, METRICS, Direction
from autoae.spec.protocol import labelled
from autoae.spec.settings import Objective
from autoae.store import attributes
from autoae.store.leases import Lease, lease_from
from autoae.store.requests import requests_from

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

State = Literal["COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING"]
"""The state of a trial, in Optuna's words."""

FINISHED: tuple[State, ...] = ("COMPLETE", "PRUNED", "FAIL")
"""Those that a trial stays in."""

Curve = tuple[tuple[int, float], ...]
"""Epoch, from 1, and value."""

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class TrialSnapshot:
    """One trial at one moment.

    Attributes:
        number: From 0.
        state: In Optuna's words.
        values: One for each objective; a pruned trial of one objective has its last value,
            every other unfinished one has none.
        params: The value of each parameter that applied.
        notation: The architecture; empty before the network was planned.
        metrics: Of the best epoch, by name.
        costs: By name.
        epoch: The best epoch, or None.
        epochs: How many epochs were trained.
        variant: The name of the variant of a list, or None.
        seed: Of the training, or None before it started.
        reason: Why it was pruned, refused or failed; else empty.
        refused: Whether the network was refused before its first epoch.
        retried_from: The failed trial that it repeats, or None.
        curves: For each objective its value in every epoch.
        configuration: Everything that the training knew, as JSON; empty before it started.
        started: When it started, local time.
        finished: When it ended, local time.
        lease: Who runs it, or ran it last.
        batch_parts: In how many parts each batch passed, where memory was short for a whole one.
    """

    number: int
    state: State
    values: tuple[float, ...]
    params: Mapping[str, Value]
    notation: str
    metrics: Mapping[str, float]
    costs: Mapping[str, float]
    epoch: int | None
    epochs: int
    variant: str | None
    seed: int | None
    reason: str
    refused: bool
    retried_from: int | None
    curves: Mapping[str, Curve]
    configuration: Mapping[str, Value]
    started: datetime | None
    finished: datetime | None
    lease: Lease | None
    batch_parts: int = 1

    @property
    def curve(self) -> Curve:
        """The curve of the first objective."""
        return next(iter(self.curves.values()), ())

    @property
    def network(self) -> str:
        """The architecture, and beside it what its training took over from an original protocol."""
        return labelled(self.notation, self.configuration)

    @property
    def seconds(self) -> float | None:
        """How long it ran, from its start to its end."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds()


@dataclass(frozen=True)
class StudySnapshot:
    """One study at one moment.

    Attributes:
        name: Of the study.
        objectives: What is optimised.
        budget: Trials over all runs and workers; what there is, in a study of another program.
        trials: By number.
        paused: Since when no trial is started, local time, or None.
    """

    name: str
    objectives: tuple[Objective, ...]
    budget: int
    trials: tuple[TrialSnapshot, ...]
    paused: datetime | None = None

    @property
    def counted(self) -> tuple[TrialSnapshot, ...]:
        """The trials that use up the budget: finished, neither refused nor repeated."""
        repeated = {trial.retried_from for trial in self.trials}
        return tuple(
            trial
            for trial in self.trials
            if trial.state in FINISHED and not trial.refused and trial.number not in repeated
        )

    def of_state(self, state: State) -> tuple[TrialSnapshot, ...]:
        """The trials of one state."""
        return tuple(trial for trial in self.trials if trial.state == state)


@dataclass(frozen=True)
class StudyReading:
    """What a storage says of a study at one moment.

    Attributes:
        snapshot: Its trials.
        attributes: The user attributes of the study, by name.
    """

    snapshot: StudySnapshot
    attributes: Mapping[str, object]


@dataclass(frozen=True)
class TrialRecord:
    """One trial as Optuna keeps it, whoever has read it.

    Attributes:
        number: From 0.
        state: In Optuna's words.
        values: One for each objective, or none.
        params: By name, as they were suggested.
        intermediate: By step.
        attributes: The user attributes, by name.
        started: Local time.
        finished: Local time.
    """

    number: int
    state: State
    values: tuple[float, ...]
    params: Mapping[str, Value]
    intermediate: Mapping[int, float]
    attributes: Mapping[str, object]
    started: datetime | None
    finished: datetime | None


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


def study_snapshot(
    name: str,
    objectives: tuple[Objective, ...],
    kept: Mapping[str, object],
    trials: Sequence[TrialSnapshot],
) -> StudySnapshot:
    """A study from its trials and its user attributes."""
    budget = kept.get(attributes.BUDGET)
    return StudySnapshot(
        name=name,
        objectives=objectives,
        budget=budget if isinstance(budget, int) else len(trials),
        trials=tuple(trials),
        paused=requests_from(kept).paused,
    )


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


def snapshot_of(record: TrialRecord, objectives: Sequence[str]) -> TrialSnapshot:
    """A trial as a snapshot, from what is kept of it.

    Args:
        record: Not changed.
        objectives: The metrics that are optimised, in order.
    """
    kept = record.attributes
    return TrialSnapshot(
        number=record.number,
        state=record.state,
        values=record.values,
        params=record.params,
        notation=_of(str, kept.get(attributes.NOTATION)) or "",
        metrics=_numbers(kept, METRICS),
        costs=_numbers(kept, COSTS),
        epoch=_of(int, kept.get(attributes.EPOCH)),
        epochs=_of(int, kept.get(attributes.EPOCHS)) or max(record.intermediate, default=0),
        variant=_of(str, record.params.get("variant")),
        seed=_of(int, kept.get(attributes.SEED)),
        reason=_of(str, kept.get(attributes.REASON)) or "",
        refused=kept.get(attributes.REFUSED) is True,
        retried_from=_of(int, kept.get(attributes.RETRIED_FROM)),
        curves=_curves(record, objectives),
        configuration=_of(dict, kept.get(attributes.CONFIGURATION)) or {},
        started=record.started,
        finished=record.finished,
        lease=lease_from(kept.get(attributes.LEASE)),
        batch_parts=_of(int, kept.get(attributes.PARTS)) or 1,
    )


def _state(trial: "FrozenTrial") -> State:
    return next(state for state in get_args(State) if state == trial.state.name)


def _objectives(study: "Study") -> tuple[Objective, ...]:
    return objectives_of(study.metric_names, [direction.name for direction in study.directions])


def objectives_of(names: Sequence[str] | None, directions: Sequence[str]) -> tuple[Objective, ...]:
    """What a study optimises.

    Args:
        names: Of the metrics; a study of another program may have none.
        directions: MINIMIZE or MAXIMIZE, one for each objective.
    """
    known = names or [f"value {index}" for index in range(len(directions))]
    # A study of another program may optimise anything: its names are not checked.
    return tuple(
        Objective.model_construct(metric=metric, direction=_direction(direction))
        for metric, direction in zip(known, directions, strict=True)
    )


def _direction(name: str) -> Direction:
    return "maximize" if name == "MAXIMIZE" else "minimize"


def _of(kind: type[Kind], value: object) -> Kind | None:
    return value if isinstance(value, kind) else None


def _numbers(kept: Mapping[str, object], names: Mapping[str, object]) -> dict[str, float]:
    return {
        name: value
        for name, value in kept.items()
        if name in names and isinstance(value, int | float)
    }


def _curves(record: TrialRecord, objectives: Sequence[str]) -> dict[str, Curve]:
    kept = record.attributes.get(attributes.CURVE)
    if isinstance(kept, dict):
        return {name: _curve(values) for name, values in kept.items()}
    curve = tuple(sorted(record.intermediate.items()))
    return {objectives[0]: curve} if curve else {}


def _curve(values: object) -> Curve:
    pairs = enumerate(values, start=1) if isinstance(values, list) else ()
    return tuple((epoch, value) for epoch, value in pairs if isinstance(value, int | float))
