"""Optuna's storage of databases, with what a coordinator does most often done in plain SQL.

It is Optuna's own class on Optuna's own tables: plain Optuna, its dashboard and other versions of
this class share a database with it. What is not overridden here, Optuna does.
"""

import json
from collections.abc import Container, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    check_distribution_compatibility,
    distribution_to_json,
)
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Update, bindparam, select, update

from autoae.store import rows
from autoae.store.adding import add, has_only_attributes
from autoae.store.row_reading import Extent, read_newer, read_these
from autoae.store.rows import CURVES, PARAMS, STUDY_USER, SYSTEM, TRIALS, USER, VALUES


class RowStorage(RDBStorage):
    """For a database and tables that `rows` knows.

    Attributes:
        extent: How much is read of each trial; None: everything.
    """

    extent: Extent | None = None

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """As Optuna's: one trial as it stands now."""
        with self.engine.connect() as connection:
            found = read_these(connection, [trial_id], self.extent)
        # Optuna says what is wrong with an identity of which there is no trial.
        return found[0] if found else super().get_trial(trial_id)

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """As Optuna's: the attributes of a study."""
        query = select(STUDY_USER).where(STUDY_USER.c.study_id == study_id)
        with self.engine.connect() as connection:
            found = {row.key: json.loads(row.value_json) for row in connection.execute(query)}
        return found or super().get_study_user_attrs(study_id)

    def _create_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None = None
    ) -> FrozenTrial:
        found, trial = None, template_trial
        if trial is not None and has_only_attributes(trial):
            with self.engine.begin() as connection:
                found = add(connection, study_id, trial)
        return found or super()._create_new_trial(study_id, template_trial)

    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        if states is not None:
            return super()._get_trials(study_id, states, included_trial_ids, trial_id_greater_than)
        # In two queries: with `or` the database would go through all trials of the study.
        older = {each for each in included_trial_ids if each <= trial_id_greater_than}
        with self.engine.connect() as connection:
            found = read_these(connection, older, self.extent) if older else []
            found += read_newer(connection, study_id, trial_id_greater_than, self.extent)
        # Optuna says what is wrong with a study that is gone.
        return found or super()._get_trials(study_id, None, older, trial_id_greater_than)

    def _set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
        previous_distribution: BaseDistribution | None,
    ) -> None:
        if previous_distribution is None:
            # Once a parameter: Optuna looks for an earlier one of that name.
            super()._set_trial_param(trial_id, param_name, param_value_internal, distribution, None)
            return
        check_distribution_compatibility(previous_distribution, distribution)
        row = {
            "trial_id": trial_id,
            "param_name": param_name,
            "param_value": param_value_internal,
            "distribution_json": distribution_to_json(distribution),
        }
        rows.write(self.engine, PARAMS, [row])

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """As Optuna's: whether the state was changed; one that runs is not started again."""
        now = {} if state == TrialState.WAITING else {"now": datetime.now(UTC).replace(tzinfo=None)}
        with self.engine.begin() as connection:
            change = connection.execute(_change(state), {"trial": trial_id, **now})
            if change.rowcount == 0:
                rows.check_open(connection, trial_id)
                return False
            for objective, each in enumerate(values or ()):
                value, kind = rows.stored(each)
                row = {
                    "trial_id": trial_id,
                    "objective": objective,
                    "value": value,
                    "value_type": kind,
                }
                connection.execute(rows.upsert(self.engine.name, VALUES), row)
        return True

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """As Optuna's: a value of a curve."""
        value, kind = rows.stored(intermediate_value)
        row = {
            "trial_id": trial_id,
            "step": step,
            "intermediate_value": value,
            "intermediate_value_type": kind,
        }
        rows.write(self.engine, CURVES, [row])

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: ANN401
        """As Optuna's: an attribute."""
        row = {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        rows.write(self.engine, USER, [row])

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: ANN401
        """As Optuna's: an attribute of its own."""
        row = {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        rows.write(self.engine, SYSTEM, [row])


@lru_cache
def _change(state: TrialState) -> Update:
    """The statement that gives a trial another state; one that runs was waiting before."""
    running = state == TrialState.RUNNING
    before = (TrialState.WAITING,) if running else rows.OPEN
    one = TRIALS.c.trial_id == bindparam("trial")
    change = update(TRIALS).where(one, TRIALS.c.state.in_(before)).values(state=state)
    now = bindparam("now", type_=TRIALS.c.datetime_start.type)
    if state == TrialState.WAITING:
        return change
    return change.values(datetime_start=now) if running else change.values(datetime_complete=now)
