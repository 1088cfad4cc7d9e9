"""The records of Optuna's tables by plain SQL, which imports nothing of Optuna."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from autoae.spec.domains import Value
from autoae.spec.settings import Objective
from autoae.store.records import READ, TrialRecord, objectives_of
from autoae.store.schema import BLOCK, SPECIAL_VALUES
from autoae.store.snapshot import State

Row = tuple[int, int, State, str | None, str | None]
"""Identity, number, state, start and end of a trial, as the table has them."""

_TRIALS = "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE "
_VALUES = (
    "SELECT trial_id, objective, value, value_type FROM trial_values "
    "WHERE trial_id IN ({}) ORDER BY objective"
)
_PARAMS = (
    "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params "
    "WHERE trial_id IN ({}) ORDER BY param_id"
)
_CURVES = (
    "SELECT trial_id, step, intermediate_value, intermediate_value_type "
    "FROM trial_intermediate_values WHERE trial_id IN ({})"
)
_KEYS = ", ".join(f"'{name}'" for name in READ)
_ATTRIBUTES = (
    "SELECT trial_id, key, value_json FROM trial_user_attributes "  # noqa: S608 - our own names
    f"WHERE trial_id IN ({{}}) AND key IN ({_KEYS})"
)


def study_id(connection: sqlite3.Connection, name: str) -> int | None:
    """The identity of a study, or None where there is none of that name."""
    query = "SELECT study_id FROM studies WHERE study_name = ?"
    found = connection.execute(query, (name,)).fetchone()
    return None if found is None else int(found[0])


def study_attributes(connection: sqlite3.Connection, study: int) -> dict[str, object]:
    """The user attributes of a study, by name."""
    return _kept(connection, "study_user_attributes", study)


def study_objectives(connection: sqlite3.Connection, study: int) -> tuple[Objective, ...]:
    """What a study optimises."""
    query = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
    directions = [direction for (direction,) in connection.execute(query, (study,))]
    names = _kept(connection, "study_system_attributes", study).get("study:metric_names")
    return objectives_of(names if isinstance(names, list) else None, directions)


def first_trial(connection: sqlite3.Connection, study: int) -> tuple[int, str | None] | None:
    """Identity and start of the first trial of a study."""
    query = "SELECT trial_id, datetime_start FROM trials WHERE study_id = ? ORDER BY trial_id"
    first: tuple[int, str | None] | None = connection.execute(
        f"{query} LIMIT 1", (study,)
    ).fetchone()
    return first


def trials_after(connection: sqlite3.Connection, study: int, identity: int) -> list[Row]:
    """The trials of a study that are younger than one of them."""
    query = _TRIALS + "study_id = ? AND trial_id > ? ORDER BY trial_id"
    return connection.execute(query, (study, identity)).fetchall()


def trials_of(connection: sqlite3.Connection, identities: Sequence[int]) -> list[Row]:
    """The trials of these identities."""
    rows = list[Row]()
    for start in range(0, len(identities), BLOCK):
        rows += _of(connection, _TRIALS + "trial_id IN ({})", identities[start:][:BLOCK])
    return rows


def records_of(
    connection: sqlite3.Connection, rows: Sequence[Row]
) -> Iterator[tuple[int, TrialRecord]]:
    """Identity and record of some trials, block by block."""
    for start in range(0, len(rows), BLOCK):
        yield from _block(connection, rows[start : start + BLOCK])


def _block(
    connection: sqlite3.Connection, rows: Sequence[Row]
) -> Iterator[tuple[int, TrialRecord]]:
    identities = [row[0] for row in rows]
    values = defaultdict[int, list[float]](list)
    params = defaultdict[int, dict[str, Value]](dict)
    curves = defaultdict[int, dict[int, float]](dict)
    kept = defaultdict[int, dict[str, object]](dict)
    for identity, _, value, kind in _of(connection, _VALUES, identities):
        values[identity].append(SPECIAL_VALUES.get(kind, value))
    for identity, name, value, domain in _of(connection, _PARAMS, identities):
        params[identity][name] = _reader(domain)(value)
    for identity, step, value, kind in _of(connection, _CURVES, identities):
        curves[identity][step] = SPECIAL_VALUES.get(kind, value)
    for identity, name, text in _of(connection, _ATTRIBUTES, identities):
        kept[identity][name] = json.loads(text)
    for identity, number, state, started, finished in rows:
        yield (
            identity,
            TrialRecord(
                number,
                state,
                tuple(values[identity]),
                params[identity],
                curves[identity],
                kept[identity],
                _local(started),
                _local(finished),
            ),
        )


def _of(connection: sqlite3.Connection, query: str, identities: Sequence[int]) -> list[Any]:
    marks = ", ".join("?" * len(identities))
    # Its rows are what the query says.
    return connection.execute(query.format(marks), identities).fetchall()


def _kept(connection: sqlite3.Connection, table: str, study: int) -> dict[str, object]:
    query = f"SELECT key, value_json FROM {table} WHERE study_id = ?"  # noqa: S608 - our own names
    return {key: json.loads(text) for key, text in connection.execute(query, (study,))}


@lru_cache(maxsize=1024)
def _reader(domain: str) -> Callable[[float], Value]:
    """How the number of a parameter is read, by the range that it was drawn from."""
    found: Mapping[str, Mapping[str, Sequence[Value]]] = json.loads(domain)
    name = str(found["name"])
    if name.startswith("Categorical"):
        choices = found["attributes"]["choices"]
        return lambda value: choices[int(value)]
    return int if name.startswith("Int") else float


def _local(moment: str | None) -> datetime | None:
    # Optuna keeps naive UTC.
    if moment is None:
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
