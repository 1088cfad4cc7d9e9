"""Trials read by plain SQL are the trials that Optuna reads."""

import math
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from autoae.store.reading import read_by_sql
from autoae.store.storage import close_storage, open_storage
from tests.store.postgres import needs_postgres, server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'studies.db'}"
    else:
        with server() as found:
            yield found


def ended(state: TrialState, value: float | None) -> FrozenTrial:
    """A trial of everything that the tables hold."""
    return create_trial(
        state=state,
        values=None if value is None else [value, -1.5],
        params={"lr": 0.01, "kind": "[1, 2]", "width": 16, "again": True},
        distributions={
            "lr": FloatDistribution(1e-4, 1.0, log=True),
            "kind": CategoricalDistribution(["a", "[1, 2]"]),
            "width": IntDistribution(8, 64, step=8),
            "again": CategoricalDistribution([True, False, None]),
        },
        user_attrs={"words": "ä'\"%:x", "nested": {"a": [1, None, 0.5]}},
        system_attrs={"fixed_params": {"lr": 0.01}},
    )


def told_by_both(url: str, also: BaseStorage | None = None) -> list[FrozenTrial]:
    """All trials as our SQL reads them, which are those that Optuna reads."""
    ours, theirs = also or open_storage(url), open_storage(url)
    if also is None:
        read_by_sql(ours)
    found = optuna.load_study(study_name="both", storage=ours).get_trials(deepcopy=False)
    expected = optuna.load_study(study_name="both", storage=theirs).get_trials(deepcopy=False)
    assert found == expected
    assert [repr(each) for each in found] == [repr(each) for each in expected]
    for each in (theirs,) if also is not None else (ours, theirs):
        close_storage(each)
    return found


def test_every_kind_of_trial(url: str) -> None:
    storage = open_storage(url)
    for name in ("other", "both"):
        study = optuna.create_study(
            storage=storage, study_name=name, directions=["minimize", "maximize"]
        )
        for value in (0.1, math.inf, -math.inf):
            study.add_trial(ended(TrialState.COMPLETE, value))
        study.add_trial(ended(TrialState.FAIL, None))
        study.enqueue_trial({"lr": 0.5})
        study.ask().suggest_float("lr", 1e-4, 1.0, log=True)
    close_storage(storage)
    states = [trial.state.name for trial in told_by_both(url)]
    assert states == ["COMPLETE"] * 3 + ["FAIL", "RUNNING"]


def test_a_curve_with_numbers_that_are_none(url: str) -> None:
    storage = open_storage(url)
    study = optuna.create_study(storage=storage, study_name="both")
    trial = study.ask()
    for step, value in enumerate((0.5, math.inf, -math.inf)):
        trial.report(value, step)
    study.tell(trial, state=TrialState.PRUNED)
    close_storage(storage)
    assert told_by_both(url)[0].intermediate_values == {0: 0.5, 1: math.inf, 2: -math.inf}


def test_what_changes_is_read_again(url: str) -> None:
    storage, mine = open_storage(url), open_storage(url)
    study = optuna.create_study(storage=storage, study_name="both")
    read_by_sql(mine)
    assert told_by_both(url, mine) == []
    first, second = study.ask(), study.ask()
    assert len(told_by_both(url, mine)) == 2
    study.tell(second, 0.5)
    first.suggest_int("width", 1, 9)
    assert [each.state.name for each in told_by_both(url, mine)] == ["RUNNING", "COMPLETE"]
    study.tell(first, 0.25)
    study.ask()
    states = [each.state.name for each in told_by_both(url, mine)]
    assert states == ["COMPLETE", "COMPLETE", "RUNNING"]
    optuna.delete_study(study_name="both", storage=storage)
    with pytest.raises(KeyError):
        mine.get_all_trials(1, deepcopy=False)
    for each in (storage, mine):
        close_storage(each)
