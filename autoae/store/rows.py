"""The rows of Optuna's trials, read and written by plain statements.

Optuna loads an object for every row, and asks before each write whether the row is there: that
was the larger part of what a trial cost a coordinator. Here a write is one statement and the check
that the trial has not ended. Tests compare all of it with what Optuna itself reads and writes.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import inf, isnan, nan
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Enum,
    Insert,
    Row,
    TableClause,
    column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite

DATABASES = frozenset({"sqlite", "postgresql"})
"""Whose dialect is spoken here."""

TRIALS = table(
    "trials",
    column("trial_id"),
    column("study_id"),
    column("number"),
    column("state"),
    column("datetime_start", DateTime),
    column("datetime_complete", DateTime),
)
PARAMS = table(
    "trial_params",
    column("trial_id"),
    column("param_name"),
    column("param_value"),
    column("distribution_json"),
)
VALUES = table(
    "trial_values", column("trial_id"), column("objective"), column("value"), column("value_type")
)
CURVES = table(
    "trial_intermediate_values",
    column("trial_id"),
    column("step"),
    column("intermediate_value"),
    column(
        "intermediate_value_type",
        # PostgreSQL has a type of its own for it.
        Enum("FINITE", "INF_POS", "INF_NEG", "NAN", name="trialintermediatevaluetype"),
    ),
)
USER = table("trial_user_attributes", column("trial_id"), column("key"), column("value_json"))
SYSTEM = table("trial_system_attributes", column("trial_id"), column("key"), column("value_json"))

_OPEN = ("RUNNING", "WAITING")
_SPECIAL = {"INF_POS": inf, "INF_NEG": -inf, "NAN": nan}
_BLOCK = 500
"""Trials in one query: as many parameters as every SQLite takes."""

_Grouped = Mapping[int, Sequence[Any]]
"""Rows of a table by the identity of their trial."""


def write(engine: Engine, into: TableClause, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of one trial that has not ended; what is there is replaced.

    Args:
        engine: Of one of `DATABASES`.
        into: Its first two columns are the identity of the trial and a name or number.
        rows: Values by column, of at least one row.

    Raises:
        UpdateFinishedTrialError: The trial has ended.
    """
    with engine.begin() as connection:
        connection.execute(upsert(engine.name, into), rows)
        _check_open(connection, rows[0]["trial_id"])


@lru_cache
def upsert(dialect: str, into: TableClause) -> Insert:
    """A statement that adds rows, or replaces those of the same identity and key."""
    identity, key, *others = into.c
    # Both databases say it alike; SQLAlchemy has a class for each.
    theirs = sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)
    return theirs.on_conflict_do_update(
        index_elements=[identity, key],
        set_={each.name: theirs.excluded[each.name] for each in others},
    )


def stored(value: float) -> tuple[float | None, str]:
    """A number as the tables of values keep it, and its kind."""
    if isnan(value):
        return None, "NAN"
    kind = next((name for name, special in _SPECIAL.items() if special == value), "FINITE")
    return (value if kind == "FINITE" else None), kind


def read(connection: Connection, *which: ColumnElement[bool]) -> list[FrozenTrial]:
    """Trials in the order of their identities.

    Args:
        connection: To read from.
        which: Conditions on `TRIALS`, all of which hold.
    """
    query = select(TRIALS).where(*which).order_by(TRIALS.c.trial_id)
    found, trials = connection.execute(query).all(), list[FrozenTrial]()
    for start in range(0, len(found), _BLOCK):
        trials += _block(connection, found[start : start + _BLOCK])
    return trials


def _block(connection: Connection, heads: Sequence[Row[Any]]) -> list[FrozenTrial]:
    identities = [head.trial_id for head in heads]
    of = {
        each.name: _grouped(connection, each, identities)
        for each in (PARAMS, VALUES, CURVES, USER, SYSTEM)
    }
    return [_trial(head, of) for head in heads]


def _grouped(connection: Connection, source: TableClause, identities: list[int]) -> _Grouped:
    found = defaultdict[int, list[Any]](list)
    query = select(source).where(source.c.trial_id.in_(identities))
    if source is PARAMS:
        # In the order in which they were drawn.
        query = query.order_by(column("param_id"))
    for row in connection.execute(query).all():
        found[row[0]].append(row)
    return found


def _trial(head: Row[Any], of: Mapping[str, _Grouped]) -> FrozenTrial:
    params, values, curve, user, system = (rows.get(head.trial_id, ()) for rows in of.values())
    domains = {name: distribution(text) for _, name, _, text in params}
    return FrozenTrial(
        number=head.number,
        state=TrialState[head.state],
        value=None,
        values=[_SPECIAL.get(kind, value) for _, _, value, kind in sorted(values)] or None,
        datetime_start=_local(head.datetime_start),
        datetime_complete=_local(head.datetime_complete),
        params={name: domains[name].to_external_repr(value) for _, name, value, _ in params},
        distributions=domains,
        user_attrs={name: json.loads(text) for _, name, text in user},
        system_attrs={name: json.loads(text) for _, name, text in system},
        intermediate_values={step: _SPECIAL.get(kind, value) for _, step, value, kind in curve},
        trial_id=head.trial_id,
    )


@lru_cache(maxsize=1024)
def distribution(text: str) -> BaseDistribution:
    """The range that a parameter was drawn from; a study has a few, its trials thousands."""
    return json_to_distribution(text)


def _local(moment: datetime | None) -> datetime | None:
    # Optuna keeps naive UTC, and gives naive local time.
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)


def _check_open(connection: Connection, trial: object) -> None:
    """Undo the transaction where the trial has ended.

    Asked after the write, for it takes the lock: asked before, somebody could end the trial
    between the two.
    """
    state = connection.scalar(select(TRIALS.c.state).where(TRIALS.c.trial_id == trial))
    if state not in _OPEN:
        raise UpdateFinishedTrialError(f"trial {trial} has ended")
