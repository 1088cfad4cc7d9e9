"""Plain SQL reads of a study what Optuna reads."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from autoae.store import attributes
from autoae.store.elsewhere import ProcessReader
from autoae.store.errors import StorageError, StudyNotFound
from autoae.store.leases import own_lease
from autoae.store.snapshot_reader import SnapshotReader
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from autoae.store.tables import TableReader, has_known_tables
from tests.store.conftest import TWO, small
from tests.store.postgres import needs_postgres, server
from tests.synthetic import add_epoch, fill


def eventful(storage: BaseStorage, *, extra: str = "") -> optuna.Study:
    """A study with each state, each kind of parameter and values that are no numbers."""
    study = create_study(storage, small(extra=extra))
    for number in range(6):
        trial = study.ask()
        trial.suggest_float("training.lr", 1e-4, 1e-1, log=True)
        trial.suggest_int("model.latent", 2, 32)
        trial.suggest_categorical("model.activation", ["relu", None, True, 3])
        trial.set_user_attr(attributes.NOTATION, f"L({number})")
        trial.set_user_attr(attributes.CONFIGURATION, {"training": {"epochs": number}})
        trial.set_user_attr("somebody's own", [number])
    values = [[0.5], [float("inf")]] if not extra else [[0.5, 3], [0.25, float("-inf")]]
    trials = [optuna.trial.Trial(study, trial._trial_id) for trial in study.get_trials()]
    if not extra:
        trials[0].report(0.9, 1)
        trials[0].report(float("-inf"), 2)
        trials[2].report(0.7, 1)
    else:
        trials[0].set_user_attr(attributes.CURVE, {"val_mse": [0.5, None, 0.3], "params": [1, 2]})
    study.tell(0, values[0])
    study.tell(1, values[1])
    study.tell(2, state=TrialState.PRUNED)
    trials[3].set_user_attr(attributes.REFUSED, True)
    study.tell(3, state=TrialState.PRUNED)
    study.tell(4, state=TrialState.FAIL)
    trials[5].set_user_attr(attributes.LEASE, own_lease(0, 1).to_json())
    study.enqueue_trial(trials[4].params, user_attrs={attributes.RETRIED_FROM: 4})
    return study


@pytest.mark.parametrize("extra", ["", TWO], ids=["one", "two"])
def test_it_reads_what_optuna_reads(storage: BaseStorage, url: str, extra: str) -> None:
    study = eventful(storage, extra=extra)
    assert has_known_tables(url)
    assert TableReader(url, "small").read() == SnapshotReader(study).reading()


def test_a_study_of_another_program(storage: BaseStorage, url: str) -> None:
    study = optuna.create_study(storage=storage, study_name="theirs", directions=["maximize"])
    study.optimize(lambda trial: trial.suggest_int("x", 0, 10, step=2), n_trials=3)
    assert TableReader(url, "theirs").read() == SnapshotReader(study).reading()


def test_every_change_is_seen_and_nothing_else_is_read(storage: BaseStorage, url: str) -> None:
    study, reader = eventful(storage), TableReader(url, "small")
    first = reader.read()
    assert reader.read() is first
    trial = optuna.trial.Trial(study, study.trials[5]._trial_id)
    for change in (
        lambda: trial.report(0.5, 1),
        lambda: trial.set_user_attr(attributes.NOTATION, "L(99)"),
        lambda: study.tell(5, 0.75),
        lambda: study.ask().suggest_int("model.latent", 2, 32),
        lambda: study.set_user_attr(attributes.BUDGET, 77),
        lambda: study.enqueue_trial({"model.latent": 4}),
    ):
        change()
        found = reader.read()
        assert found == SnapshotReader(study).reading()
        assert found != first
        # What has ended is kept as it was.
        assert found.snapshot.trials[0] is first.snapshot.trials[0]
        first = found


def test_a_study_that_is_deleted_and_made_anew(storage: BaseStorage, url: str) -> None:
    eventful(storage)
    reader = TableReader(url, "small")
    assert len(reader.read().snapshot.trials) == 7
    optuna.delete_study(study_name="small", storage=storage)
    with pytest.raises(StudyNotFound, match="any more"):
        reader.read()
    study = create_study(storage, small())
    study.ask()
    assert reader.read() == SnapshotReader(study).reading()


def test_another_file_of_that_name_is_read(tmp_path: Path) -> None:
    url = fill(tmp_path, 10)
    reader = TableReader(url, "many")
    assert len(reader.read().snapshot.trials) == 10
    (tmp_path / "elsewhere").mkdir()
    fill(tmp_path / "elsewhere", 20)
    (tmp_path / "elsewhere" / "autoae.db").replace(tmp_path / "autoae.db")
    assert len(reader.read().snapshot.trials) == 20


def test_a_locked_file_is_said_and_read_later(tmp_path: Path) -> None:
    url = fill(tmp_path, 4)
    with sqlite3.connect(tmp_path / "autoae.db", isolation_level=None) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        reader = TableReader(url, "many")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            reader.read()
        other.execute("ROLLBACK")
    other.close()
    assert len(reader.read().snapshot.trials) == 4


def test_looking_neither_creates_nor_writes(tmp_path: Path) -> None:
    url = fill(tmp_path, 4)
    assert not has_known_tables(f"sqlite:///{tmp_path}/missing.db")
    assert not (tmp_path / "missing.db").exists()
    before = (tmp_path / "autoae.db").read_bytes()
    TableReader(url, "many").read()
    assert (tmp_path / "autoae.db").read_bytes() == before


def test_another_thread_may_close_it(tmp_path: Path) -> None:
    reader = TableReader(fill(tmp_path, 4), "many")
    thread = Thread(target=reader.read)
    thread.start()
    thread.join()
    reader.close()
    assert len(reader.read().snapshot.trials) == 4


def test_tables_of_another_version_are_left_to_optuna(tmp_path: Path) -> None:
    url = fill(tmp_path, 4)
    with sqlite3.connect(tmp_path / "autoae.db") as other:
        other.execute("UPDATE alembic_version SET version_num = 'v2.6.0.a'")
    other.close()
    assert not has_known_tables(url)


def test_a_poll_of_ten_thousand_trials_costs_a_small_part_of_the_first(tmp_path: Path) -> None:
    from time import process_time

    url = fill(tmp_path, 10_000)
    reader = TableReader(url, "many")
    start = process_time()
    first = reader.read()
    cold = process_time() - start
    # What a poll costs at most, over several of them: one can be hit by a collection of garbage.
    warm = list[float]()
    for epoch in range(4, 9):
        add_epoch(tmp_path, 9_999, epoch, 0.9)
        start = process_time()
        found = reader.read()
        warm.append(process_time() - start)
        assert found.snapshot.trials[9_999].curve[-1] == (epoch, 0.9)
    assert found.snapshot.trials[:9_998] == first.snapshot.trials[:9_998]
    assert sorted(warm)[2] < cold / 20


def test_the_process_reads_what_optuna_reads(storage: BaseStorage, url: str) -> None:
    study, reader = eventful(storage), ProcessReader(url, "small")
    try:
        first = reader.read()
        assert first == SnapshotReader(study).reading()
        study.tell(5, 0.75)
        again = reader.read()
        assert again == SnapshotReader(study).reading()
        assert again.snapshot.trials[0] is first.snapshot.trials[0]
        optuna.delete_study(study_name="small", storage=storage)
        with pytest.raises(StorageError):
            reader.read()
    finally:
        reader.close()


@needs_postgres
@pytest.mark.slow
def test_the_process_reads_from_a_server() -> None:
    with server() as url:
        storage = open_storage(url)
        study = eventful(storage)
        assert not has_known_tables(url)
        reader = ProcessReader(url, "small")
        try:
            assert reader.read() == SnapshotReader(study).reading()
        finally:
            reader.close()
            close_storage(storage)


def test_the_reader_imports_no_engine(tmp_path: Path) -> None:
    url = fill(tmp_path, 4)
    code = (
        "import sys; from autoae.store.tables import TableReader; "
        "print(len(TableReader(sys.argv[1], 'many').read().snapshot.trials)); "
        "print({'optuna', 'torch', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["4", "set()"]
