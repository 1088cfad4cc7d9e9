"""The attributes of a trial, or of a study, written in one statement.

Optuna writes them one by one, each with a commit of its own: with the thirty of a trial that was
half the time of a coordinator. In tables that `rows` knows they are written at once; in any other
ones Optuna writes them.
"""

import json
from collections.abc import Mapping

from optuna.storages import BaseStorage
from sqlalchemy import Engine, column, table

from autoae.store import rows
from autoae.store.row_storage import RowStorage

_OF_STUDIES = table(
    "study_system_attributes", column("study_id"), column("key"), column("value_json")
)
_ROWS = 100
"""Rows of one transaction: the run that writes beside it shall not wait for long."""


class AttributeWriter:
    """Writes user attributes of trials that have not ended.

    Args:
        storage: As `open_storage` gives it.
    """

    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self._engine = _engine_of_known_tables(storage)

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
            written = [
                {"trial_id": trial, "key": name, "value_json": json.dumps(value)}
                for name, value in attributes.items()
            ]
            rows.write(self._engine, rows.USER, written)


def write_study_attributes(
    storage: BaseStorage, study: int, attributes: Mapping[str, str | int]
) -> None:
    """Write system attributes of a study.

    Args:
        storage: As `open_storage` gives it.
        study: The storage's identity of the study.
        attributes: By name; what is there is replaced.
    """
    engine = _engine_of_known_tables(storage)
    if engine is None:
        for name, value in attributes.items():
            storage.set_study_system_attr(study, name, value)
        return
    written = [
        {"study_id": study, "key": name, "value_json": json.dumps(value)}
        for name, value in attributes.items()
    ]
    for start in range(0, len(written), _ROWS):
        with engine.begin() as connection:
            part = written[start : start + _ROWS]
            connection.execute(rows.upsert(engine.name, _OF_STUDIES), part)


def _engine_of_known_tables(storage: BaseStorage) -> Engine | None:
    """What talks to the database below a storage, if our own SQL knows its tables."""
    backend = getattr(storage, "_backend", storage)
    return backend.engine if isinstance(backend, RowStorage) else None
