"""What is kept of a trial and of a study, and the snapshots that follow from it.

Whoever reads a storage, Optuna or plain SQL, gives records: so both give the same snapshots.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from autoae.spec.domains import Value
from autoae.spec.metrics import COSTS, METRICS, Direction
from autoae.spec.settings import Objective
from autoae.store import attributes
from autoae.store.leases import lease_from
from autoae.store.requests import requests_from
from autoae.store.snapshot import Curve, State, StudySnapshot, TrialSnapshot

READ = (
    *METRICS, *COSTS, attributes.NOTATION, attributes.EPOCH, attributes.EPOCHS, attributes.SEED,
    attributes.REASON, attributes.REFUSED, attributes.RETRIED_FROM, attributes.CURVE,
    attributes.CONFIGURATION, attributes.LEASE, attributes.PARTS,
)  # fmt: skip
"""The user attributes of a trial that `snapshot_of` reads."""

Kind = TypeVar("Kind")


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
