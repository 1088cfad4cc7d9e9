"""Coordinators take turns, whichever database they share; a server that is away is waited for."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from autoae.store.patience import ROOM_BYTES, Patience, is_away
from autoae.store.storage import close_storage, open_storage
from autoae.store.turns import TurnLost, turn
from tests.store.postgres import needs_postgres, server


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A server for the tests of this module."""
    with server() as url:
        yield url


@pytest.fixture(params=["url", pytest.param("postgres", marks=needs_postgres)])
def two(request: pytest.FixtureRequest) -> Iterator[tuple[BaseStorage, BaseStorage]]:
    """A storage as two coordinators have opened it."""
    url = request.getfixturevalue(request.param)
    opened = open_storage(url), open_storage(url)
    yield opened
    for each in opened:
        close_storage(each)


def engine_of(storage: BaseStorage) -> Engine:
    """What a storage talks to its database with."""
    backend = getattr(storage, "_backend", storage)
    assert isinstance(backend, RDBStorage)
    engine: Engine = backend.engine
    return engine


def terminate(storage: BaseStorage) -> None:
    """Break every other connection of a server, as a restart does."""
    with engine_of(storage).connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        connection.execute(text(f"{others} WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"))


def test_the_second_waits_for_the_first(two: tuple[BaseStorage, BaseStorage]) -> None:
    first, second = two
    had = threading.Event()

    def wait() -> None:
        with turn(second, 1):
            had.set()

    with turn(first, 1):
        other = threading.Thread(target=wait)
        other.start()
        assert not had.wait(0.3)
    other.join()
    assert had.is_set()


def test_a_turn_ends_with_an_error_in_it(two: tuple[BaseStorage, BaseStorage]) -> None:
    first, second = two
    with pytest.raises(KeyError), turn(first, 1):
        raise KeyError
    with turn(second, 1):
        pass


@needs_postgres
def test_a_turn_that_the_server_ends_is_told(postgres: str) -> None:
    storage, other = open_storage(postgres), open_storage(postgres)
    with pytest.raises(TurnLost), turn(storage, 1):
        terminate(other)
    with turn(storage, 1):
        pass
    for each in (storage, other):
        close_storage(each)


@needs_postgres
def test_a_broken_connection_is_taken_up_again(postgres: str) -> None:
    told = list[str]()
    storage, other = open_storage(postgres), open_storage(postgres)
    patience = Patience(told.append)
    with engine_of(storage).connect() as connection:
        terminate(other)
        broken = patience(lambda: connection.scalar(text("SELECT 1")) if not told else 1)
        assert broken() == 1
    assert [message.split(":")[0] for message in told] == [
        "the storage does not answer",
        "the storage answers again",
    ]
    for each in (storage, other):
        close_storage(each)


def test_patience_ends() -> None:
    calls = list[int]()

    def refused() -> None:
        calls.append(1)
        error = ConnectionRefusedError()
        error.sqlstate = None  # type: ignore[attr-defined]
        raise OperationalError("SELECT 1", {}, error)

    with pytest.raises(OperationalError):
        Patience(lambda _: None, seconds=0.0)(refused)()
    assert len(calls) == 2


def test_what_is_no_absence_is_raised_at_once() -> None:
    told = list[str]()

    def mistaken() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        Patience(told.append)(mistaken)()
    assert told == []
    assert not is_away(OperationalError("SELECT 1", {}, Exception("database is locked")))


@pytest.mark.parametrize("words", ["database or disk is full", "disk I/O error"])
def test_room_is_waited_for_as_long_as_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr("autoae.store.patience.PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("autoae.store.patience._free", lambda _: ROOM_BYTES - 1)
    told, error = list[str](), OperationalError("INSERT", {}, Exception(words))
    calls = iter([error, StorageInternalError(), None])

    def full() -> str:
        problem = next(calls)
        if problem is not None:
            raise problem from error
        return "written"

    assert Patience(told.append, 0.0, tmp_path / "x.db")(full)() == "written"
    begun, over = told
    assert begun.startswith(f"no room on the disk for {tmp_path / 'x.db'}: 4.2 MB are free")
    assert over == "the storage answers again"


def test_a_database_that_may_not_grow_is_not_waited_for(tmp_path: Path) -> None:
    error = OperationalError("INSERT", {}, Exception("database or disk is full"))

    def full() -> None:
        raise error

    for file in (tmp_path / "x.db", None):
        with pytest.raises(OperationalError):
            Patience(lambda _: None, file=file)(full)()


def test_whoever_waits_for_room_can_be_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.store.patience._free", lambda _: 0)
    patience = Patience(lambda _: None, file=tmp_path / "x.db")
    patience.interrupted = lambda: True

    def full() -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with pytest.raises(KeyboardInterrupt):
        patience(full)()
