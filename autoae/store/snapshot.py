"""A study at one moment, as frozen data that knows nothing of Optuna."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from autoae.spec.domains import Value
from autoae.spec.protocol import labelled
from autoae.spec.settings import Objective
from autoae.store.leases import Lease

State = Literal["COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING"]
"""The state of a trial, in Optuna's words."""

FINISHED: tuple[State, ...] = ("COMPLETE", "PRUNED", "FAIL")
"""Those that a trial stays in."""

Curve = tuple[tuple[int, float], ...]
"""Epoch, from 1, and value."""


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
