"""The tables of Optuna's trials, and how a row is written by a plain statement.

Optuna asks before each write whether the row is there: that was a large part of what a trial cost a
coordinator. Here a write is one statement and the check that the trial has not ended. Tests compare
it with what Optuna itself writes.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isnan

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState
from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    Enum,
    Float,
    Insert,
    Integer,
    String,
    TableClause,
    Text,
    bindparam,
    column,
    exists,
    or_,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite

from autoae.store.schema import SPECIAL_VALUES

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


def check_open(connection: Connection, trial: object) -> None:
    """Make sure that a trial has not ended.

    Raises:
        UpdateFinishedTrialError: It has.
    """
    state = connection.scalar(select(TRIALS.c.state).where(TRIALS.c.trial_id == trial))
    if state not in OPEN:
        raise UpdateFinishedTrialError(f"trial {trial} has ended")
