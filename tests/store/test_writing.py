"""Attributes written at once are what Optuna would have written, on every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, RDBStorage

from autoae.store import rows
from autoae.store.errors import StorageError
from autoae.store.listing import study_list, study_names
from autoae.store.schema import KNOWN_SCHEMAS
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study
from autoae.store.writing import AttributeWriter
from tests.store.conftest import small
from tests.store.postgres import needs_postgres, server

KEPT = {"notation": "L(8)", "params": 12, "configuration": {"model": ["a", None]}, "lr": 1e-4}


@pytest.fixture
def any_storage(any_url: str) -> Iterator[BaseStorage]:
    """It, open, with a study and a running trial."""
    storage = open_storage(any_url)
    create_study(storage, small()).ask()
    yield storage
    close_storage(storage)


def written(storage: BaseStorage) -> dict[str, object]:
    """What Optuna reads of the trial."""
    (trial,) = load_study(storage, "small").get_trials(deepcopy=False)
    return trial.user_attrs


def test_optuna_reads_what_was_written_and_replaced(any_storage: BaseStorage) -> None:
    writer, trial = AttributeWriter(any_storage), _identity(any_storage)
    writer.write(trial, {"notation": "L(4)"})
    writer.write(trial, KEPT)
    writer.write(trial, {})
    assert written(any_storage) == KEPT


def test_a_trial_that_has_ended_is_not_changed(any_storage: BaseStorage) -> None:
    load_study(any_storage, "small").tell(0, 0.5)
    with pytest.raises(UpdateFinishedTrialError):
        AttributeWriter(any_storage).write(_identity(any_storage), KEPT)
    assert written(any_storage) == {}


def test_on_an_unknown_schema_optuna_writes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.store.storage.KNOWN_SCHEMAS", frozenset())
    storage = open_storage(url)
    create_study(storage, small()).ask()
    with monkeypatch.context() as patched:
        patched.setattr(rows, "upsert", _never)
        AttributeWriter(storage).write(_identity(storage), KEPT)
    assert written(storage) == KEPT
    close_storage(storage)


def test_the_schema_of_this_optuna_is_known(tmp_path: Path) -> None:
    storage = RDBStorage(f"sqlite:///{tmp_path}/studies.db")
    assert storage.get_head_version() in KNOWN_SCHEMAS
    close_storage(storage)


def test_every_database_is_listed_and_read_alike(any_storage: BaseStorage, any_url: str) -> None:
    study = load_study(any_storage, "small")
    study.tell(0, 0.5)
    study.enqueue_trial({}, user_attrs={"retried_from": 7})
    (listing,) = study_list(any_url)
    assert study_names(any_url) == ("small",)
    assert listing.counts == {"COMPLETE": 1, "WAITING": 1}
    assert (listing.best, listing.done, listing.budget) == (0.5, 0, 50)
    assert listing.active == study.trials[0].datetime_complete
    assert [trial.state for trial in read_snapshot(study).trials] == ["COMPLETE", "WAITING"]


@needs_postgres
def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with server() as url:
        pass
    with pytest.raises(StorageError, match="cannot use the storage postgresql") as refused:
        open_storage(url)
    assert "refused" in str(refused.value)
    assert "secret" not in str(refused.value)


def _identity(storage: BaseStorage) -> int:
    study = storage.get_study_id_from_name("small")
    return storage.get_trial_id_from_study_id_trial_number(study, 0)


def _never(dialect: str, into: object) -> None:
    raise AssertionError(dialect, into)
