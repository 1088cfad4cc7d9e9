"""Snapshots and listings say what Optuna says."""

import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from autoae.store import attributes
from autoae.store.leases import own_lease
from autoae.store.listing import study_list, study_names
from autoae.store.snapshot_reader import SnapshotReader, read_snapshot
from autoae.store.studies import create_study
from tests.store.conftest import TWO, small


@pytest.fixture
def study(storage: BaseStorage) -> optuna.Study:
    """One trial of each state, one refused and one that repeats a failed one."""
    study = create_study(storage, small())
    for _ in range(6):
        study.ask().suggest_float("training.lr", 1e-4, 1e-1, log=True)
    trials = [optuna.trial.Trial(study, trial._trial_id) for trial in study.get_trials()]
    trials[0].report(0.9, 1)
    trials[0].report(0.5, 2)
    trials[0].set_user_attr(attributes.NOTATION, "L(8) > L'(4)")
    for name, value in {"params": 120, "val_mse": 0.5, "epoch": 2, "epochs": 2}.items():
        trials[0].set_user_attr(name, value)
    study.tell(0, 0.5)
    study.tell(1, 0.25)
    trials[2].report(0.7, 1)
    study.tell(2, state=TrialState.PRUNED)
    trials[3].set_user_attr(attributes.REFUSED, True)
    trials[3].set_user_attr(attributes.REASON, "too many parameters")
    study.tell(3, state=TrialState.PRUNED)
    study.tell(4, state=TrialState.FAIL)
    trials[5].set_user_attr(attributes.LEASE, own_lease(0, 1).to_json())
    study.enqueue_trial(trials[4].params, user_attrs={attributes.RETRIED_FROM: 4})
    return study


def test_a_trial_as_it_was_told(study: optuna.Study) -> None:
    trial = read_snapshot(study).trials[0]
    assert (trial.state, trial.values, trial.curve) == ("COMPLETE", (0.5,), ((1, 0.9), (2, 0.5)))
    assert (trial.notation, trial.metrics, trial.costs) == (
        "L(8) > L'(4)",
        {"val_mse": 0.5},
        {"params": 120},
    )
    assert (trial.epoch, trial.epochs, trial.reason, trial.refused) == (2, 2, "", False)
    assert trial.params == study.trials[0].params
    assert trial.seconds is not None


def test_what_counts_against_the_budget(study: optuna.Study) -> None:
    snapshot = read_snapshot(study)
    assert [trial.number for trial in snapshot.counted] == [0, 1, 2]
    assert snapshot.trials[3].refused
    lease = snapshot.trials[5].lease
    assert lease is not None
    assert lease.coordinator_pid == own_lease(0, 1).coordinator_pid
    assert [trial.number for trial in snapshot.of_state("WAITING")] == [6]


def test_equal_moments_are_equal_snapshots(study: optuna.Study) -> None:
    reader = SnapshotReader(study)
    first = reader.read()
    assert first == reader.read() == read_snapshot(study)
    assert reader.read().trials[0] is first.trials[0]
    study.tell(5, 1.0)
    assert reader.read() != first


def test_several_objectives_keep_their_curves(storage: BaseStorage) -> None:
    study = create_study(storage, small(extra=TWO))
    curves = {"val_mse": [0.5, None, 0.3], "params": [9, 9, 9]}
    study.ask().set_user_attr(attributes.CURVE, curves)
    trial = read_snapshot(study).trials[0]
    assert trial.curves["val_mse"] == ((1, 0.5), (3, 0.3))
    assert trial.curves["params"] == ((1, 9), (2, 9), (3, 9))


def test_the_listing_agrees_with_optuna(
    study: optuna.Study, storage: BaseStorage, url: str
) -> None:
    optuna.create_study(storage=storage, study_name="theirs", directions=["maximize", "minimize"])
    ours, theirs = study_list(url)
    summary = optuna.get_all_study_summaries(storage)[0]
    assert ours.name == summary.study_name
    assert sum(ours.counts.values()) == summary.n_trials == 7
    states = [trial.state.name for trial in study.trials]
    assert ours.counts == {state: states.count(state) for state in set(states)}
    assert (ours.refused, ours.done, ours.budget) == (1, 3, 50)
    assert ours.best == study.best_value
    assert ours.objectives == (("val_mse", "minimize"),)
    last = max(t.datetime_complete for t in study.trials if t.datetime_complete)
    assert ours.active == last
    assert theirs.objectives == (("value 0", "maximize"), ("value 1", "minimize"))
    assert (theirs.budget, theirs.best, theirs.active, theirs.counts) == (None, None, None, {})
    assert study_names(url) == ("small", "theirs")


def test_a_storage_that_is_not_there_has_no_studies_and_is_not_made(url: str) -> None:
    assert not study_list(url)
    assert not study_names(url)
    assert not Path(url.removeprefix("sqlite:///")).parent.exists()


def test_listing_imports_neither_optuna_nor_torch(url: str) -> None:
    code = (
        "import sys; from autoae.store.listing import study_names; study_names(sys.argv[1]);"
        "print({'optuna', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
