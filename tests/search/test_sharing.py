"""Two coordinators of one study: what each of them knows of the other's trials."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from optuna.storages import BaseStorage
from optuna.trial import Trial

from autoae.search import coordinator, others
from autoae.search.asking import Asker
from autoae.search.judge import Judge, judge_for
from autoae.search.ledger import Ledger
from autoae.search.plans import plan_for
from autoae.search.pruners import PRUNERS, largest_epochs, pruner_name
from autoae.search.run import RunOptions, equip, run_study
from autoae.spec.study import StudySpec
from autoae.store.attributes import BUDGET
from autoae.store.attributes import LEASE as LEASE_ATTRIBUTE
from autoae.store.commands import StudyCommands
from autoae.store.leases import own_lease
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from tests.search.support import TINY, TWO, Recorder, create, launch_thread, run, snapshot, tiny

PRUNED = TINY.replace("epochs: 2", "epochs: 8")
GRID = TINY.replace("{min: 1e-3, max: 1e-1, log: true}", "{values: [0.001, 0.01]}")
LEASE = own_lease(0, 1)


@pytest.fixture
def ledgers(url: str) -> Iterator[tuple[Ledger, Ledger]]:
    """Of a study that does not exist yet, as two coordinators see it."""
    storages = open_storage(url), open_storage(url)
    create(url, tiny(text=GRID + "search: {method: grid}\n"))
    first, second = (Ledger(each, load_study(each, "tiny")) for each in storages)
    yield first, second
    for each in storages:
        close_storage(each)


def start(ledger: Ledger, asker: Asker) -> Trial:
    """One coordinator's turn."""
    with ledger.turn():
        trial = asker.start(LEASE, ledger.trials())
    assert trial is not None
    return trial


def test_a_point_of_a_grid_goes_to_one_of_them(ledgers: tuple[Ledger, Ledger]) -> None:
    spec = tiny(text=GRID + "search: {method: grid}\n")
    askers = [Asker(each, spec, plan_for(spec)) for each in ledgers]
    for _ in range(10):
        for ledger, asker in zip(ledgers, askers, strict=True):
            start(ledger, asker)
    fixed = [trial.system_attrs["fixed_params"] for trial in ledgers[0].trials()]
    assert len({repr(sorted(each.items())) for each in fixed}) == len(fixed) == 20


def test_each_run_draws_with_a_seed_of_its_own(ledgers: tuple[Ledger, Ledger]) -> None:
    spec = tiny()
    assert len({equip(ledger, spec) for ledger in (*ledgers, *ledgers)}) == 4


@pytest.mark.parametrize("objectives", ["", TWO])
def test_a_trial_is_pruned_by_the_trials_of_the_other(url: str, objectives: str) -> None:
    spec = tiny(objectives, text=PRUNED)
    create(url, spec)
    storages = open_storage(url), open_storage(url)
    mine, theirs = (_coordinator(each, spec) for each in storages)
    for _ in range(8):
        assert not _after_one_epoch(*theirs, accuracy=0.9)
    assert _after_one_epoch(*mine, accuracy=0.1)
    assert not _after_one_epoch(*mine, accuracy=0.95)
    for each in storages:
        close_storage(each)


def _coordinator(storage: BaseStorage, spec: StudySpec) -> tuple[Ledger, Judge]:
    study = load_study(storage, "tiny")
    study.pruner = PRUNERS[pruner_name(spec)].make(largest_epochs(spec))
    ledger = Ledger(storage, study)
    return ledger, judge_for(spec, ledger)


def _after_one_epoch(ledger: Ledger, judge: Judge, *, accuracy: float) -> bool:
    """Whether a trial with this accuracy in its first epoch is pruned."""
    trial = ledger.create(LEASE)
    judge.epoch(trial, 1, {"val_accuracy": accuracy, "val_mse": 1 - accuracy})
    return judge.prunes(trial, 1)


class _Extends(Recorder):
    """Another run sets the budget anew when the first trial ends."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        storage = open_storage(self._url)
        load_study(storage, "tiny").set_user_attr(BUDGET, 3)
        close_storage(storage)


def test_a_budget_that_another_run_sets_counts_here_too(url: str) -> None:
    create(url, tiny("search: {method: random, pruner: none, trials: 1}\n"))
    run(url, _Extends(url))
    assert len(snapshot(url).counted) == 3


def test_a_run_stays_as_long_as_others_may_leave_something(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(others, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(others, "SILENT_LOOKS", 3)
    monkeypatch.setattr(coordinator, "TICK_SECONDS", 0.02)
    create(url, tiny("search: {method: random, pruner: none, trials: 2}\n"))
    storage = open_storage(url)
    elsewhere = replace(LEASE, host="elsewhere").to_json()
    load_study(storage, "tiny").ask().set_user_attr(LEASE_ATTRIBUTE, elsewhere)
    close_storage(storage)
    outcome = run(url)
    assert dict(outcome.finished) == {"COMPLETE": 2}
    lost, *_, again = snapshot(url).trials
    assert (lost.state, lost.reason) == ("FAIL", "coordinator ended")
    assert (again.retried_from, len(snapshot(url).counted)) == (0, 2)


class _Resumes(Recorder):
    """Somebody resumes the study as soon as the run waits for that."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def study_paused(self, paused: bool) -> None:
        self.messages.append(f"paused: {paused}, trials: {len(self.trials)}")
        storage = open_storage(self._url)
        StudyCommands(storage, load_study(storage, "tiny")).resume()
        close_storage(storage)


def test_whoever_joins_a_paused_study_waits_for_it(url: str) -> None:
    create(url, tiny("search: {method: random, pruner: none, trials: 1}\n"))
    storage = open_storage(url)
    StudyCommands(storage, load_study(storage, "tiny")).pause()
    close_storage(storage)
    told = _Resumes(url)
    run_study("tiny", url, RunOptions(joins=True), told, launch=launch_thread)
    assert told.messages == ["paused: True, trials: 0", "paused: False, trials: 0"]
    assert len(snapshot(url).of_state("COMPLETE")) == 1
