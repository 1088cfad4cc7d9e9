"""A trial that begins, added by plain statements: Optuna looks before it writes each attribute."""

import json
from datetime import UTC

from optuna.trial import FrozenTrial
from sqlalchemy import Connection, Integer, column, func, insert, select, table

from autoae.store.row_reading import read_these
from autoae.store.rows import OPEN, SYSTEM, TRIALS, USER, upsert

_STUDIES = table("studies", column("study_id", Integer))


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
    mine = TRIALS.c.study_id == study
    lock = select(_STUDIES.c.study_id).where(_STUDIES.c.study_id == study).with_for_update()
    if connection.execute(lock).first() is None:
        return None
    number = select(func.count()).select_from(TRIALS).where(mine).scalar_subquery()
    start = trial.datetime_start and trial.datetime_start.astimezone(UTC).replace(tzinfo=None)
    head = {"study_id": study, "number": number, "state": trial.state, "datetime_start": start}
    connection.execute(insert(TRIALS).values(head))
    identity = connection.scalar(select(func.max(TRIALS.c.trial_id)).where(mine))
    for into, attributes in ((USER, trial.user_attrs), (SYSTEM, trial.system_attrs)):
        for key, value in attributes.items():
            row = {"trial_id": identity, "key": key, "value_json": json.dumps(value)}
            connection.execute(upsert(connection.dialect.name, into), row)
    return read_these(connection, [identity])[0]
