"""What opening a storage promises, to us and to plain Optuna clients."""

import sqlite3
import sys
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import optuna
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages import RDBStorage

from autoae.store.failures import described
from autoae.store.listing import study_list
from autoae.store.storage import (
    DEFAULT_URL,
    StorageError,
    close_storage,
    network_filesystem,
    open_storage,
    shown_url,
    sqlite_file,
    storage_url,
)
from autoae.store.studies import create_study, load_study
from autoae.store.urls import handed_on
from tests.store.conftest import small

Mount = namedtuple("Mount", "mountpoint fstype")


def pragma(url: str, name: str) -> object:
    file = sqlite_file(url)
    assert file is not None
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_storage_makes_its_directory_and_keeps_a_write_ahead_log(url: str) -> None:
    close_storage(open_storage(url))
    assert pragma(url, "journal_mode") == "wal"
    assert pragma(url, "integrity_check") == "ok"


def test_each_connection_waits_a_minute_and_does_not_wait_for_the_disk(url: str) -> None:
    storage = open_storage(url)
    backend = storage._backend  # type: ignore[attr-defined]
    assert isinstance(backend, RDBStorage)
    with backend.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
    close_storage(storage)


def test_plain_optuna_opens_it_as_it_is(url: str) -> None:
    storage = open_storage(url)
    optuna.create_study(storage=storage, study_name="theirs")
    assert optuna.load_study(study_name="theirs", storage=url).study_name == "theirs"
    close_storage(storage)


def test_a_brace_or_a_space_in_the_path_is_an_ordinary_character(tmp_path: Path) -> None:
    file = tmp_path / "a {b} c" / "x.db"
    close_storage(open_storage(f"sqlite:///{file}"))
    assert file.exists()


def test_two_programs_may_create_one_storage_together(url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_open, [url] * 4)) == [True] * 4
    assert pragma(url, "integrity_check") == "ok"


def _open(url: str) -> bool:
    close_storage(open_storage(url))
    return True


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage_url(None) == DEFAULT_URL
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///theirs.db")
    assert storage_url(None) == "sqlite:///theirs.db"
    monkeypatch.setenv("AUTOAE_STORAGE", "sqlite:///ours.db")
    assert storage_url(None) == "sqlite:///ours.db"
    assert storage_url("sqlite:///given.db") == "sqlite:///given.db"


@pytest.mark.parametrize("url", ["studies.db", "/tmp/x.db", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_lasting_database_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(StorageError) as refused:
        storage_url(url)
    assert "sqlite:///" in refused.value.hint


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("nosuch://host/name", "no kind of database"),
        ("postgresql+nosuch://host/name", "no kind of database"),
        ("oracle+oracledb://me:secret@host/name", "not installed"),
    ],
)
def test_a_database_that_cannot_be_spoken_to_is_named(url: str, word: str) -> None:
    with pytest.raises(StorageError, match=word) as refused:
        open_storage(url)
    assert refused.value.hint
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("milk, eggs, flour and everything else that a long list may hold\n" * 9)
    before = file.read_bytes()
    with pytest.raises(StorageError, match=r"notes\.txt.*not a database"):
        open_storage(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot create the directory") as refused:
        open_storage(f"sqlite:///{tmp_path}/file/deeper/x.db")
    assert "--storage" in refused.value.hint


def test_a_place_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open"):
        open_storage(f"sqlite:///{tmp_path}")


def test_a_storage_of_another_optuna_version_is_named(url: str) -> None:
    close_storage(open_storage(url))
    file = sqlite_file(url)
    assert file is not None
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v99.0.0.a'")
    with pytest.raises(StorageError, match="tables are those of a newer Optuna") as refused:
        open_storage(url)
    assert refused.value.hint == "pip install -U optuna autoae"


def test_tables_that_a_newer_optuna_has_changed_are_not_called_a_wrong_url(url: str) -> None:
    close_storage(open_storage(url))
    with closing(sqlite3.connect(sqlite_file(url) or "")) as connection, connection:
        connection.execute("ALTER TABLE trial_values RENAME COLUMN value TO number")
    with pytest.raises(StorageError, match="no such column") as refused:
        study_list(url)
    assert "newer Optuna" in refused.value.hint


def test_a_network_file_system_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = [Mount("/", "ext4"), Mount(str(tmp_path), "nfs4"), Mount(f"{tmp_path}/here", "ext4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    assert network_filesystem(tmp_path / "there" / "x.db") == "nfs4"
    assert network_filesystem(tmp_path / "here" / "x.db") is None
    assert network_filesystem(Path("/elsewhere")) is None


def test_no_log_is_kept_on_a_network_file_system(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [Mount(str(tmp_path), "nfs")])
    close_storage(open_storage(url))
    assert pragma(url, "journal_mode") != "wal"


words = st.text(
    st.characters(codec="utf-8", exclude_characters=":/@", exclude_categories=["Cc", "Cs", "Zs"]),
    min_size=6,
)


@given(password=words, rest=st.sampled_from(["", "@", ":", "@x:"]))
def test_a_password_is_never_shown(password: str, rest: str) -> None:
    shown = shown_url(f"postgresql://me:{password}{rest}{password}@localhost:5432/studies")
    assert shown == "postgresql://me:***@localhost:5432/studies"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3/cret@host/db",
        "postgresql://me@host/db?password=s3/cret&sslmode=require",
        "mysql+pymysql://host/db?charset=utf8&passwd=s3/cret",
        "postgresql://me:s3%2Fcret@host/db",
    ],
)
def test_a_password_is_hidden_wherever_it_stands(url: str) -> None:
    assert "cret" not in shown_url(url)
    # Databases repeat it decoded.
    assert "cret" not in described(ValueError("s3/cret is wrong"), url).message
    words, environment = handed_on(url)
    assert not words, "everybody can read the words of a process"
    assert environment["AUTOAE_STORAGE"] == url


def test_a_mistyped_url_is_refused_without_its_password() -> None:
    with pytest.raises(StorageError) as caught:
        storage_url("postgresql:/me:s3cret@host/db")
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"
    assert "host/db" in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="paths are written otherwise there")
def test_the_file_of_an_sqlite_url() -> None:
    assert sqlite_file("sqlite:///rel/x.db") == Path("rel/x.db")
    assert sqlite_file("sqlite:////abs/x.db?timeout=3") == Path("/abs/x.db")
    assert sqlite_file("sqlite+pysqlite:///x.db") == Path("x.db")
    assert sqlite_file("postgresql://host/x") is None


def test_a_storage_of_an_older_optuna_is_upgraded_by_the_command_that_is_named(url: str) -> None:
    storage = open_storage(url)
    create_study(storage, small())
    close_storage(storage)
    with closing(sqlite3.connect(sqlite_file(url) or "")) as database, database:
        # As it was before this index came.
        database.execute("DROP INDEX IF EXISTS trials_study_id_key")
        database.execute("UPDATE alembic_version SET version_num = 'v3.0.0.d'")
    with pytest.raises(StorageError, match="tables are those of an older Optuna") as caught:
        open_storage(url)
    assert caught.value.hint.endswith(f"optuna storage upgrade --storage {url}")
    # What that command does.
    older = optuna.storages.RDBStorage(url, skip_compatibility_check=True)
    older.upgrade()
    close_storage(older)
    storage = open_storage(url)
    assert load_study(storage, "small").study_name == "small"
    close_storage(storage)
