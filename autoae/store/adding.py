"""A trial that begins, added by plain statements: Optuna looks before it writes each attribute."""

import json
from datetime import UTC

from optuna.trial import FrozenTrial
from sqlalchemy import Connection, Integer, bindparam, column, func, insert, select, table

from autoae.store.row_reading import read_these
from autoae.store.rows import OPEN, SYSTEM, TRIALS, USER, upsert

# Statements are made once: to make one takes as long as to run it.
_STUDIES = table("studies", column("study_id", Integer))
_OF_STUDY = TRIALS.c.study_id == bindparam("study")
_LOCK = select(_STUDIES).where(_STUDIES.c.study_id == bindparam("study")).with_for_update()
_ADD = insert(TRIALS).values(
    study_id=bindparam("study"),
    number=select(func.count()).select_from(TRIALS).where(_OF_STUDY).scalar_subquery(),
    state=bindparam("now", type_=TRIALS.c.state.type),
    datetime_start=bindparam("begun", type_=TRIALS.c.datetime_start.type),
)
_NEWEST = select(func.max(TRIALS.c.trial_id)).where(_OF_STUDY)


def has_only_attributes(trial: FrozenTrial) -> bool:
    """Whether a trial has not ended, and nothing is known of it yet but its attributes."""
    return trial.state in OPEN and not (trial.params or trial.values or trial.intermediate_values)


def add(connection: Connection, study: int, trial: FrozenTrial) -> FrozenTrial | None:
    """Add a trial that `has_only_attributes`; None where there is no such study.

    Args:
        connection: In a transaction, for numbers are counted: nobody may add one meanwhile.
        study: The identity of the study.
        trial: What is added; its number and identity are not looked at.
    """
    if connection.execute(_LOCK, {"study": study}).first() is None:
        return None
    begun = trial.datetime_start and trial.datetime_start.astimezone(UTC).replace(tzinfo=None)
    connection.execute(_ADD, {"study": study, "now": trial.state, "begun": begun})
    identity = connection.execute(_NEWEST, {"study": study}).scalar_one()
    for into, attributes in ((USER, trial.user_attrs), (SYSTEM, trial.system_attrs)):
        for key, value in attributes.items():
            row = {"trial_id": identity, "key": key, "value_json": json.dumps(value)}
            connection.execute(upsert(connection.dialect.name, into), row)
    return read_these(connection, [identity])[0]
