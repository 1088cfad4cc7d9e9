"""The rows of Optuna's trials, read and written by plain statements.

Optuna loads an object for every row, and asks before each write whether the row is there: that
was the larger part of what a trial cost a coordinator. Here a write is one statement and the check
that the trial has not ended. Tests compare all of it with what Optuna itself reads and writes.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import isnan
from sys import intern
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
    Float,
    Insert,
    Integer,
    Row,
    String,
    Subquery,
    TableClause,
    Text,
    bindparam,
    cast,
    column,
    exists,
    literal,
    null,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from autoae.store.schema import BLOCK, SPECIAL_VALUES

DATABASES = frozenset({"sqlite", "postgresql"})
"""Whose dialect is spoken here."""

STUDY_USER = table(
    "study_user_attributes",
    column("study_id", Integer),
    column("key", String),
    column("value_json", Text),
)
TRIALS = table(
    "trials",
    column("trial_id", Integer),
    column("study_id", Integer),
    column("number", Integer),
    # PostgreSQL has types of its own for states and kinds.
    column("state", Enum(TrialState, name="trialstate")),
    column("datetime_start", DateTime),
    column("datetime_complete", DateTime),
)
PARAMS = table(
    "trial_params",
    column("trial_id", Integer),
    column("param_name", String),
    column("param_value", Float(53)),
    column("distribution_json", Text),
)
VALUES = table(
    "trial_values",
    column("trial_id", Integer),
    column("objective", Integer),
    column("value", Float(53)),
    column("value_type", Enum("FINITE", "INF_POS", "INF_NEG", name="trialvaluetype")),
)
CURVES = table(
    "trial_intermediate_values",
    column("trial_id", Integer),
    column("step", Integer),
    column("intermediate_value", Float(53)),
    column(
        "intermediate_value_type",
        Enum("FINITE", "INF_POS", "INF_NEG", "NAN", name="trialintermediatevaluetype"),
    ),
)
USER, SYSTEM = (
    table(name, column("trial_id", Integer), column("key", String), column("value_json", Text))
    for name in ("trial_user_attributes", "trial_system_attributes")
)

OPEN = (TrialState.RUNNING, TrialState.WAITING)
"""The states of a trial that has not ended."""


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
        # Of many rows not every database says how many it has written.
        if connection.execute(_upsert_of_open(engine.name, into), rows).rowcount < 1:
            check_open(connection, rows[0]["trial_id"])


@lru_cache
def upsert(dialect: str, into: TableClause) -> Insert:
    """A statement that adds rows, or replaces those of the same first two columns."""
    return _replacing(_insert(dialect, into), into)


@lru_cache
def _upsert_of_open(dialect: str, into: TableClause) -> Insert:
    """The same, but it writes nothing where the trial has ended."""
    trial, state = TRIALS.c.trial_id, TRIALS.c.state
    # `or`, for a statement of many rows takes no list of values.
    states = or_(*(state == each for each in OPEN))
    is_open = exists().where(trial == bindparam("trial_id"), states)
    row = select(*(bindparam(each.name, type_=each.type) for each in into.c)).where(is_open)
    return _replacing(_insert(dialect, into).from_select(list(into.c), row), into)


def _insert(dialect: str, into: TableClause) -> sqlite.Insert | postgresql.Insert:
    # Both databases say it alike; SQLAlchemy has a class for each.
    return sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)


def _replacing(insert: sqlite.Insert | postgresql.Insert, into: TableClause) -> Insert:
    identity, key, *others = into.c
    replaced = {each.name: insert.excluded[each.name] for each in others}
    return insert.on_conflict_do_update(index_elements=[identity, key], set_=replaced)


def stored(value: float) -> tuple[float | None, str]:
    """A number as the tables of values keep it, and its kind."""
    if isnan(value):
        return None, "NAN"
    kind = next((name for name, special in SPECIAL_VALUES.items() if special == value), "FINITE")
    return (value if kind == "FINITE" else None), kind


def read(
    connection: Connection, *which: ColumnElement[bool], of_ended: Collection[str] | None = None
) -> list[FrozenTrial]:
    """Trials in the order of their identities; those that have ended are not to be changed.

    Args:
        connection: To read from.
        which: Conditions on `TRIALS`, all of which hold.
        of_ended: The user attributes that are read of a trial that has ended; all unless given.
    """
    query = select(TRIALS).where(*which).order_by(TRIALS.c.trial_id)
    found, trials = connection.execute(query).all(), list[FrozenTrial]()
    for start in range(0, len(found), BLOCK):
        trials += _block(connection, found[start : start + BLOCK], of_ended)
    return trials


def _block(
    connection: Connection, heads: Sequence[Row[Any]], of_ended: Collection[str] | None
) -> list[FrozenTrial]:
    identities = [head.trial_id for head in heads]
    parts: dict[int, tuple[list[_Part], ...]] = {each: ([], [], [], [], []) for each in identities}
    query = select(_PARTS).where(_PARTS.c.trial_id.in_(identities))
    if of_ended is not None:
        still_open = [head.trial_id for head in heads if head.state in OPEN]
        query = query.where(
            or_(
                _PARTS.c.kind != _USER_PART,
                _PARTS.c.name.in_(of_ended),
                _PARTS.c.trial_id.in_(still_open),
            )
        )
    for kind, identity, *part in connection.execute(query).all():
        parts[identity][kind].append(tuple(part))
    return [_trial(head, *parts[head.trial_id]) for head in heads]


_Part = tuple[int, str, float, str]
"""Place, name, number and text; what does not apply is empty."""


def _parts() -> Subquery:
    """Everything that belongs to trials, in one form: one query is faster than five."""
    queries: tuple[tuple[TableClause, ColumnElement[Any], str, str, str], ...] = (
        # In the order in which they were drawn.
        (PARAMS, column("param_id"), "param_name", "param_value", "distribution_json"),
        (VALUES, VALUES.c.objective, "", "value", "value_type"),
        (CURVES, CURVES.c.step, "", "intermediate_value", "intermediate_value_type"),
        (USER, literal(0), "key", "", "value_json"),
        (SYSTEM, literal(0), "key", "", "value_json"),
    )
    selects = [
        select(
            literal(kind).label("kind"),
            source.c.trial_id,
            place.label("place"),
            (source.c[name] if name else literal("")).label("name"),
            (source.c[number] if number else cast(null(), Float)).label("number"),
            cast(source.c[text], Text).label("text"),
        ).select_from(source)
        for kind, (source, place, name, number, text) in enumerate(queries)
    ]
    return union_all(*selects).subquery()


_PARTS = _parts()
_USER_PART = 3


def _trial(
    head: Row[Any],
    params: list[_Part],
    values: list[_Part],
    curve: list[_Part],
    user: list[_Part],
    system: list[_Part],
) -> FrozenTrial:
    drawn = sorted(params)
    shared = domains(tuple((name, text) for _, name, _, text in drawn))
    numbers = {name: number for _, name, number, _ in drawn}
    return FrozenTrial(
        number=head.number,
        state=head.state,
        value=None,
        values=[SPECIAL_VALUES.get(kind, value) for _, _, value, kind in sorted(values)] or None,
        datetime_start=_local(head.datetime_start),
        datetime_complete=_local(head.datetime_complete),
        params={name: each.to_external_repr(numbers[name]) for name, each in shared.items()},
        # Optuna adds to those of a trial that is drawn.
        distributions=dict(shared) if head.state in OPEN else shared,
        user_attrs={intern(name): json.loads(text) for _, name, _, text in user},
        system_attrs={intern(name): json.loads(text) for _, name, _, text in system},
        intermediate_values={
            step: SPECIAL_VALUES.get(kind, value) for step, _, value, kind in curve
        },
        trial_id=head.trial_id,
    )


@lru_cache(maxsize=1024)
def domains(texts: tuple[tuple[str, str], ...]) -> dict[str, BaseDistribution]:
    """What parameters were drawn from, by name; a study has a few of these, and many trials."""
    return {name: distribution(text) for name, text in texts}


@lru_cache(maxsize=1024)
def distribution(text: str) -> BaseDistribution:
    """The range that a parameter was drawn from."""
    return json_to_distribution(text)


def _local(moment: datetime | None) -> datetime | None:
    # Optuna keeps naive UTC, and gives naive local time.
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)


def check_open(connection: Connection, trial: object) -> None:
    """Make sure that a trial has not ended.

    Raises:
        UpdateFinishedTrialError: It has.
    """
    state = connection.scalar(select(TRIALS.c.state).where(TRIALS.c.trial_id == trial))
    if state not in OPEN:
        raise UpdateFinishedTrialError(f"trial {trial} has ended")
