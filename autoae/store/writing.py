"""The attributes of a trial, or of a study, written in one statement.

Optuna writes them one by one, each with two queries and a commit of its own: with the thirty of a
trial that was half the time of a coordinator. On the schema that this file knows they are written
into Optuna's table at once; on any other one Optuna writes them.
"""

import json
from collections.abc import Mapping

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy import Connection, Engine, Insert, TableClause, column, select, table
from sqlalchemy.dialects import postgresql, sqlite

from autoae.store.schema import KNOWN_SCHEMAS

_TRIALS = table("trials", column("trial_id"), column("state"))
_ATTRIBUTES = table(
    "trial_user_attributes", column("trial_id"), column("key"), column("value_json")
)
_OF_STUDIES = table(
    "study_system_attributes", column("study_id"), column("key"), column("value_json")
)
_OPEN = ("RUNNING", "WAITING")
_ROWS = 100
"""Rows of one statement: a database takes only so many values, and waits for none for long."""


class AttributeWriter:
    """Writes user attributes of trials that have not ended.

    Args:
        storage: As `open_storage` gives it.
    """

    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self._engine = engine_of_known_tables(storage)

    def write(self, trial: int, attributes: Mapping[str, object]) -> None:
        """Write the attributes of a trial.

        Args:
            trial: The storage's identity of the trial, not its number.
            attributes: Anything that JSON can say, by name; what is there is replaced.

        Raises:
            UpdateFinishedTrialError: The trial has ended.
        """
        if self._engine is None:
            for name, value in attributes.items():
                self._storage.set_trial_user_attr(trial, name, value)
        elif attributes:
            rows = [
                {"trial_id": trial, "key": name, "value_json": json.dumps(value)}
                for name, value in attributes.items()
            ]
            with self._engine.begin() as connection:
                connection.execute(_upsert(self._engine.name, _ATTRIBUTES).values(rows))
                _check_open(connection, trial)


def write_study_attributes(
    storage: BaseStorage, study: int, attributes: Mapping[str, str | int]
) -> None:
    """Write system attributes of a study.

    Args:
        storage: As `open_storage` gives it.
        study: The storage's identity of the study.
        attributes: By name; what is there is replaced.
    """
    engine = engine_of_known_tables(storage)
    if engine is None:
        for name, value in attributes.items():
            storage.set_study_system_attr(study, name, value)
        return
    rows = [
        {"study_id": study, "key": name, "value_json": json.dumps(value)}
        for name, value in attributes.items()
    ]
    for start in range(0, len(rows), _ROWS):
        with engine.begin() as connection:
            part = rows[start : start + _ROWS]
            connection.execute(_upsert(engine.name, _OF_STUDIES).values(part))


def engine_of_known_tables(storage: BaseStorage) -> Engine | None:
    """What talks to the database below a storage, if our own SQL knows its tables."""
    backend = getattr(storage, "_backend", storage)
    if not isinstance(backend, RDBStorage):
        return None
    engine: Engine = backend.engine
    known = backend.get_current_version() in KNOWN_SCHEMAS
    return engine if known and engine.name in ("sqlite", "postgresql") else None


def _check_open(connection: Connection, trial: int) -> None:
    """Undo the transaction where the trial has ended.

    Asked after the write, for it takes the lock: asked before, somebody could end the trial
    between the two.
    """
    state = connection.scalar(select(_TRIALS.c.state).where(_TRIALS.c.trial_id == trial))
    if state not in _OPEN:
        raise UpdateFinishedTrialError(f"trial {trial} has ended")


def _upsert(dialect: str, into: TableClause) -> Insert:
    identity, key, _ = into.c
    # Both databases say it alike; SQLAlchemy has a class for each.
    if dialect == "sqlite":
        theirs = sqlite.insert(into)
        return theirs.on_conflict_do_update(
            index_elements=[identity, key], set_={"value_json": theirs.excluded.value_json}
        )
    other = postgresql.insert(into)
    return other.on_conflict_do_update(
        index_elements=[identity, key], set_={"value_json": other.excluded.value_json}
    )
