"""Open a storage so that one coordinator, monitors and plain Optuna clients can share it.

SQLite keeps its write-ahead log (`journal_mode=WAL`, set once, kept in the file), so readers never
wait for the writer; each connection waits a minute for a lock instead of failing.
"""

import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from autoae.store.errors import StorageError, StudyExists, StudyNotFound
from autoae.store.failures import storage_errors
from autoae.store.filesystems import network_filesystem
from autoae.store.schema import KNOWN_SCHEMAS
from autoae.store.urls import DEFAULT_URL, shown_url, sqlite_file, storage_url

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

__all__ = [
    "DEFAULT_URL",
    "StorageError",
    "StudyExists",
    "StudyNotFound",
    "close_storage",
    "network_filesystem",
    "open_storage",
    "shown_url",
    "sqlite_file",
    "storage_url",
]

BUSY_SECONDS = 60
ANSWER_SECONDS = 10


class _Connection(sqlite3.Connection):
    """With the write-ahead log, a commit need not wait for the disk to stay consistent."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous=NORMAL")


def open_storage(url: str) -> "BaseStorage":
    """Open a storage, creating file, directory and tables where they are missing.

    Args:
        url: As `storage_url` gives it.

    Raises:
        StorageError: No permission, no answer, an unknown driver, another Optuna version.
    """
    import optuna

    # Whatever Optuna has to say on its own, the observer says better.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with storage_errors(url):
        return _opened(url)


def close_storage(storage: "BaseStorage") -> None:
    """Close the connections of a storage, so that SQLite folds its log into the file."""
    from optuna.storages import RDBStorage

    backend = getattr(storage, "_backend", storage)
    if isinstance(backend, RDBStorage):
        backend.remove_session()
        backend.engine.dispose()


def engine_options(url: str) -> dict[str, Any]:
    """What SQLAlchemy's `create_engine` is told beside the URL."""
    if sqlite_file(url) is not None:
        return {"connect_args": {"timeout": BUSY_SECONDS, "factory": _Connection}}
    if url.startswith(("postgresql://", "postgresql+psycopg")):
        return {"connect_args": {"connect_timeout": ANSWER_SECONDS}, "pool_pre_ping": True}
    return {}


def _opened(url: str) -> "BaseStorage":
    # Optuna fills templates in the URL: a brace in a path must survive that.
    literal = url.replace("{", "{{").replace("}", "}}")
    options = engine_options(url)
    file = sqlite_file(url)
    if file is None:
        return _fastest(literal, options)
    _make_directory(file)
    # Two programs that make the log or the tables of one new file together would stumble over each
    # other.
    with FileLock(file.with_name(f".{file.name}.lock")) if _is_new(file) else nullcontext():
        if network_filesystem(file) is None:
            _switch_to_log(file)
        return _fastest(literal, options)


def _fastest(url: str, options: dict[str, Any]) -> "BaseStorage":
    """The storage that writes rows itself, where this is a database and a schema that it knows."""
    from optuna.storages import RDBStorage, get_storage

    from autoae.store.cached_rows import CachedRows
    from autoae.store.row_storage import RowStorage
    from autoae.store.rows import DATABASES

    storage = RowStorage(url, engine_kwargs=options)
    known = storage.get_current_version() in KNOWN_SCHEMAS
    if known and storage.engine.name in DATABASES:
        return CachedRows(storage)
    close_storage(storage)
    return get_storage(RDBStorage(url, engine_kwargs=options))


def _is_new(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
        # It is the last table that Optuna makes, and it is empty until all is done.
        return tables.fetchone() is None or not _has_version(connection)


def _has_version(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM alembic_version").fetchone() is not None


def _make_directory(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot create the directory {file.parent}: {error.strerror}",
            hint="name another place with --storage sqlite:///DIRECTORY/autoae.db",
        ) from error


def _switch_to_log(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            connection.execute("PRAGMA journal_mode=WAL")
