"""The trials of a study by plain SQL, for a coordinator that reads all that run again and again.

Optuna's storage remembers trials that have ended and reads the others anew whenever somebody looks
at the trials, through an object for each of their attributes: with a thousand that run, most of a
second each time. The same rows become the same trials here in a quarter of that; tests compare
them. On tables that this file does not know Optuna reads.
"""

import inspect
import json
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection, DateTime, Engine, text

from autoae.store.schema import SPECIAL_VALUES
from autoae.store.writing import engine_of_known_tables

_BLOCK = 5000
"""Trials in one query."""
_ASKED = ["self", "study_id", "states", "included_trial_ids", "trial_id_greater_than"]

Details = dict[int, list[Any]]
"""Rows by the identity of their trial."""


def read_by_sql(storage: BaseStorage) -> None:
    """Let a storage read its trials by plain SQL, if it can.

    Args:
        storage: As `open_storage` gives it.
    """
    backend = getattr(storage, "_backend", storage)
    engine = engine_of_known_tables(storage)
    if not isinstance(backend, RDBStorage) or engine is None:
        return
    if list(inspect.signature(RDBStorage._get_trials).parameters) == _ASKED:
        backend.__dict__["_get_trials"] = _Reader(engine, backend)


class _Reader:
    """In the place of the method with which Optuna reads what it does not remember."""

    def __init__(self, engine: Engine, backend: RDBStorage) -> None:
        self._engine, self._backend = engine, backend

    def __call__(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        """The trials behind one identity, and those of some others; all, where that is -1."""
        named = {each for each in included_trial_ids if each <= trial_id_greater_than}
        found = list[FrozenTrial]()
        if states is None:
            with self._engine.connect() as connection:
                found = _read(connection, int(study_id), named, int(trial_id_greater_than))
        # Where there is nothing Optuna looks itself: the study may be gone.
        return found or RDBStorage._get_trials(
            self._backend, study_id, states, included_trial_ids, trial_id_greater_than
        )


def _read(connection: Connection, study: int, named: set[int], behind: int) -> list[FrozenTrial]:
    among = f"trial_id > {behind}" + (f" OR trial_id IN ({_listed(named)})" if named else "")
    # All of it are whole numbers.
    query = text(
        "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials "  # noqa: S608
        f"WHERE study_id = {study} AND ({among}) ORDER BY trial_id"
    ).columns(datetime_start=DateTime, datetime_complete=DateTime)
    rows = connection.execute(query).all()
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    return [trial for block in blocks for trial in _trials(connection, block)]


def _trials(connection: Connection, rows: Sequence[Any]) -> Iterator[FrozenTrial]:
    details = _Details(connection, _listed({row.trial_id for row in rows}))
    params = details("param_name, param_value, distribution_json", "trial_params", "param_id")
    values = details("value, value_type", "trial_values", "objective")
    kept = details("key, value_json", "trial_user_attributes")
    ours = details("key, value_json", "trial_system_attributes")
    steps = details(
        "step, intermediate_value, intermediate_value_type", "trial_intermediate_values"
    )
    for row in rows:
        here = row.trial_id
        kinds = {name: _distribution(kind) for name, _, kind in params[here]}
        yield FrozenTrial(
            number=row.number,
            state=TrialState[row.state],
            value=None,
            values=[SPECIAL_VALUES.get(kind, value) for value, kind in values[here]] or None,
            datetime_start=_local(row.datetime_start),
            datetime_complete=_local(row.datetime_complete),
            params={name: kinds[name].to_external_repr(value) for name, value, _ in params[here]},
            distributions=kinds,
            user_attrs={key: json.loads(value) for key, value in kept[here]},
            system_attrs={key: json.loads(value) for key, value in ours[here]},
            intermediate_values={
                step: SPECIAL_VALUES.get(kind, value) for step, value, kind in steps[here]
            },
            trial_id=here,
        )


class _Details:
    """Reads what belongs to some trials."""

    def __init__(self, connection: Connection, trials: str) -> None:
        self._connection, self._trials = connection, trials

    def __call__(self, columns: str, table: str, order: str = "trial_id") -> Details:
        where = f"WHERE trial_id IN ({self._trials}) ORDER BY {order}"
        found: Details = defaultdict(list)
        for trial, *row in self._connection.exec_driver_sql(
            f"SELECT trial_id, {columns} FROM {table} {where}"  # noqa: S608
        ):
            found[trial].append(row)
        return found


def _listed(identities: set[int]) -> str:
    return ", ".join(str(int(each)) for each in sorted(identities))


@lru_cache(maxsize=4096)
def _distribution(text: str) -> BaseDistribution:
    """One object for all trials: nobody changes it."""
    return json_to_distribution(text)


def _local(utc: datetime | None) -> datetime | None:
    return None if utc is None else utc.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
