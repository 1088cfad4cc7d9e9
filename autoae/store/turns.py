"""One coordinator at a time.

How many trials are left, which planned one is next, which lost one nobody has repeated yet: each is
first read and then written, and Optuna locks a study only while it writes. So coordinators take
turns, by a lock that ends with whoever holds it: a file beside SQLite, an advisory lock of
PostgreSQL. Other databases have none here; there several coordinators may exceed a budget.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from autoae.store.errors import StorageError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from sqlalchemy import Connection, Engine

HOLD_SECONDS = 60
"""A machine that loses its power keeps its turn for so long; a turn takes milliseconds."""
_OURS = 0x6175_7465
"""Other programs have advisory locks in the same database: the first of our two numbers."""


class TurnLost(StorageError):
    """The database has ended a turn too early: another coordinator may have had one meanwhile."""


def turn(storage: "BaseStorage", study: int) -> AbstractContextManager[None]:
    """Wait until no other coordinator of the study has its turn, and keep it for the block.

    A block within a block waits for ever.

    Args:
        storage: As `open_storage` gives it.
        study: The storage's identity of the study.

    Raises:
        TurnLost: After the block: the database was restarted, or the turn took too long.
    """
    engine: Engine | None = getattr(getattr(storage, "_backend", storage), "engine", None)
    if engine is None:
        return nullcontext()
    if engine.name == "postgresql":
        return _locked(engine, study)
    database = engine.url.database
    if engine.name != "sqlite" or not database:
        return nullcontext()
    file = Path(database.removeprefix("file:"))
    return _beside(file.with_name(f".{file.name}.turn"))


@contextmanager
def _beside(file: Path) -> Iterator[None]:
    with FileLock(file):
        yield


@contextmanager
def _locked(engine: "Engine", study: int) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    connection = engine.connect()
    try:
        _lock(connection, study)
        yield
        try:
            connection.commit()
        except DBAPIError as error:
            raise TurnLost("the database has ended the turn of this coordinator") from error
    finally:
        with suppress(DBAPIError):
            connection.close()


def _lock(connection: "Connection", study: int) -> None:
    limit = f"SET LOCAL idle_in_transaction_session_timeout = '{HOLD_SECONDS}s'"
    connection.exec_driver_sql(limit)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, {int(study)})")
