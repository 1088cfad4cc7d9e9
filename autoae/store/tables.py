"""A study of an SQLite file by plain SQL: 10,000 trials are read in a second, not in ten.

Optuna builds objects that nobody who only looks needs. What has ended never changes, so after the
first time only what is new or unfinished is read, and nothing where the file did not change. It
imports nothing of Optuna; tests compare it with what Optuna itself says.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from autoae.store.errors import StudyNotFound
from autoae.store.failures import storage_errors
from autoae.store.records import snapshot_of, study_snapshot
from autoae.store.schema import KNOWN_SCHEMAS
from autoae.store.snapshot import FINISHED, State, StudyReading, TrialSnapshot
from autoae.store.table_records import (
    Row,
    first_trial,
    records_of,
    study_attributes,
    study_id,
    study_objectives,
    trials_after,
    trials_of,
)
from autoae.store.urls import sqlite_file

WAIT_SECONDS = 1.0
"""For a lock: whoever looks would rather see the last picture than wait."""


def has_known_tables(url: str) -> bool:
    """Whether a storage is an SQLite file with tables that this reader knows.

    Raises:
        StorageError: The file cannot be read.
    """
    file = sqlite_file(url)
    if file is None or not file.exists():
        return False
    with storage_errors(url):
        connection = _connect(file)
        try:
            return connection.execute(_VERSION).fetchone() is not None and _version(connection)
        finally:
            connection.close()


_VERSION = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"


def _version(connection: sqlite3.Connection) -> bool:
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return {version for (version,) in rows} <= KNOWN_SCHEMAS and bool(rows)


def _connect(file: Path) -> sqlite3.Connection:
    # Read-only: looking must neither create a database nor write to one.
    name = f"file:{quote(str(file.resolve()))}?mode=ro"
    return sqlite3.connect(
        name,
        uri=True,
        timeout=WAIT_SECONDS,
        isolation_level=None,
        # One thread reads, and another one may close when all is over.
        check_same_thread=False,
    )


class TableReader:
    """Takes snapshots of one study, again and again, in one thread.

    Args:
        url: Of a storage for which `has_known_tables` holds.
        name: Of the study.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._connection: sqlite3.Connection | None = None
        self._file_identity: tuple[int, int] | None = None
        self._version = -1
        self._trials: _Trials | None = None
        self._last: StudyReading | None = None

    def read(self) -> StudyReading:
        """The study as it stands now; the same object where nothing has changed.

        Raises:
            StudyNotFound: It is not, or no longer, there.
            StorageError: The file is locked or cannot be read.
        """
        with storage_errors(self._url):
            connection = self._connected()
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if self._last is None or version != self._version:
                with _one_moment(connection):
                    self._last = self._reading(connection)
                self._version = version
            return self._last

    def close(self) -> None:
        """Let go of the file; a later read opens it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._last = None, None

    def _connected(self) -> sqlite3.Connection:
        file = sqlite_file(self._url)
        assert file is not None
        found = file.stat()
        identity = (found.st_dev, found.st_ino)
        if self._connection is None or identity != self._file_identity:
            # Another file of that name is another storage.
            self.close()
            self._trials = None
            self._connection, self._file_identity = _connect(file), identity
        return self._connection

    def _reading(self, connection: sqlite3.Connection) -> StudyReading:
        study = self._study(connection)
        objectives = study_objectives(connection, study)
        if self._trials is None or not self._trials.still_of(connection, study):
            self._trials = _Trials(study, [each.metric for each in objectives])
        trials = self._trials.refreshed(connection)
        kept = study_attributes(connection, study)
        return StudyReading(study_snapshot(self._name, objectives, kept, trials), kept)

    def _study(self, connection: sqlite3.Connection) -> int:
        found = study_id(connection, self._name)
        if found is None:
            raise StudyNotFound(
                f"there is no study {self._name!r} any more", hint="`autoae study list` shows them"
            )
        return found


class _Trials:
    """The trials of one study; those that have ended are kept as they are."""

    def __init__(self, study: int, metrics: Sequence[str]) -> None:
        self._study = study
        self._metrics = metrics
        self._first: tuple[int, str | None] | None = None
        self._known: list[TrialSnapshot] = []
        self._open: dict[int, State] = {}
        self._newest = -1

    def still_of(self, connection: sqlite3.Connection, study: int) -> bool:
        """Whether these are still the trials of the study of that identity.

        SQLite gives the identities of a deleted study to the next one, so the moment at which
        the first trial started is compared as well.
        """
        if study != self._study:
            return False
        first = first_trial(connection, self._study)
        known, self._first = self._first, first
        return known is None or first == known or (known[1] is None and first is not None)

    def refreshed(self, connection: sqlite3.Connection) -> list[TrialSnapshot]:
        """All of them by number, as they stand now."""
        self._first = self._first or first_trial(connection, self._study)
        new = trials_after(connection, self._study, self._newest)
        for identity, record in records_of(connection, [*self._unfinished(connection), *new]):
            self._keep(identity, snapshot_of(record, self._metrics))
        return self._known

    def _unfinished(self, connection: sqlite3.Connection) -> list[Row]:
        rows = trials_of(connection, list(self._open))
        # What waited and waits has nothing new to tell.
        return [row for row in rows if (self._open[row[0]], row[2]) != ("WAITING", "WAITING")]

    def _keep(self, identity: int, trial: TrialSnapshot) -> None:
        if trial.number < len(self._known):
            # Equal snapshots are the same object, so that comparing studies is cheap.
            if self._known[trial.number] != trial:
                self._known[trial.number] = trial
        else:
            self._known.append(trial)
        self._newest = max(self._newest, identity)
        self._open.pop(identity, None)
        if trial.state not in FINISHED:
            self._open[identity] = trial.state


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Let every query of the block see the same moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
