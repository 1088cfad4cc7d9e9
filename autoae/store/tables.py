"""A study of an SQLite file by plain SQL: 10,000 trials are read in a second, not in ten.

Optuna builds objects that nobody who only looks needs. What has ended never changes, so after the
first time only what is new or unfinished is read, and nothing where the file did not change. It
imports nothing of Optuna; tests compare it with what Optuna itself says.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autoae.spec.domains import Value
from autoae.spec.metrics import COSTS, METRICS
from autoae.spec.settings import Objective
from autoae.store import attributes
from autoae.store.errors import StudyNotFound
from autoae.store.failures import storage_errors
from autoae.store.schema import BLOCK, KNOWN_SCHEMAS, SPECIAL_VALUES
from autoae.store.snapshot import (
    FINISHED,
    State,
    StudyReading,
    TrialRecord,
    TrialSnapshot,
    objectives_of,
    snapshot_of,
    study_snapshot,
)
from autoae.store.urls import sqlite_file

WAIT_SECONDS = 1.0
"""For a lock: whoever looks would rather see the last picture than wait."""

_READ = (
    *METRICS, *COSTS, attributes.NOTATION, attributes.EPOCH, attributes.EPOCHS, attributes.SEED,
    attributes.REASON, attributes.REFUSED, attributes.RETRIED_FROM, attributes.CURVE,
    attributes.CONFIGURATION, attributes.LEASE, attributes.PARTS,
)  # fmt: skip

_TRIALS = "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE "
_VALUES = (
    "SELECT trial_id, objective, value, value_type FROM trial_values "
    "WHERE trial_id IN ({}) ORDER BY objective"
)
_PARAMS = (
    "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params "
    "WHERE trial_id IN ({}) ORDER BY param_id"
)
_CURVES = (
    "SELECT trial_id, step, intermediate_value, intermediate_value_type "
    "FROM trial_intermediate_values WHERE trial_id IN ({})"
)
_KEYS = ", ".join(f"'{name}'" for name in _READ)
_ATTRIBUTES = (
    "SELECT trial_id, key, value_json FROM trial_user_attributes "  # noqa: S608 - our own names
    f"WHERE trial_id IN ({{}}) AND key IN ({_KEYS})"
)

Row = tuple[int, int, State, str | None, str | None]
"""Identity, number, state, start and end of a trial, as the table has them."""


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
        objectives = _objectives(connection, study)
        if self._trials is None or not self._trials.still_of(connection, study):
            self._trials = _Trials(study, [each.metric for each in objectives])
        trials = self._trials.refreshed(connection)
        kept = _kept(connection, "study_user_attributes", study)
        return StudyReading(study_snapshot(self._name, objectives, kept, trials), kept)

    def _study(self, connection: sqlite3.Connection) -> int:
        query = "SELECT study_id FROM studies WHERE study_name = ?"
        found = connection.execute(query, (self._name,)).fetchone()
        if found is None:
            raise StudyNotFound(
                f"there is no study {self._name!r} any more", hint="`autoae study list` shows them"
            )
        return int(found[0])


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
        first = self._first_trial(connection)
        known, self._first = self._first, first
        return known is None or first == known or (known[1] is None and first is not None)

    def _first_trial(self, connection: sqlite3.Connection) -> tuple[int, str | None] | None:
        query = "SELECT trial_id, datetime_start FROM trials WHERE study_id = ? ORDER BY trial_id"
        first: tuple[int, str | None] | None = connection.execute(
            f"{query} LIMIT 1", (self._study,)
        ).fetchone()
        return first

    def refreshed(self, connection: sqlite3.Connection) -> list[TrialSnapshot]:
        """All of them by number, as they stand now."""
        self._first = self._first or self._first_trial(connection)
        changed = [*self._unfinished(connection), *self._new(connection)]
        for start in range(0, len(changed), BLOCK):
            for identity, trial in self._block(connection, changed[start : start + BLOCK]):
                self._keep(identity, trial)
        return self._known

    def _new(self, connection: sqlite3.Connection) -> list[Row]:
        query = _TRIALS + "study_id = ? AND trial_id > ? ORDER BY trial_id"
        return connection.execute(query, (self._study, self._newest)).fetchall()

    def _unfinished(self, connection: sqlite3.Connection) -> list[Row]:
        identities, rows = list(self._open), list[Row]()
        for start in range(0, len(identities), BLOCK):
            rows += _of(connection, _TRIALS + "trial_id IN ({})", identities[start:][:BLOCK])
        # What waited and waits has nothing new to tell.
        return [row for row in rows if (self._open[row[0]], row[2]) != ("WAITING", "WAITING")]

    def _block(
        self, connection: sqlite3.Connection, rows: Sequence[Row]
    ) -> Iterator[tuple[int, TrialSnapshot]]:
        identities = [row[0] for row in rows]
        values = defaultdict[int, list[float]](list)
        params = defaultdict[int, dict[str, Value]](dict)
        curves = defaultdict[int, dict[int, float]](dict)
        kept = defaultdict[int, dict[str, object]](dict)
        for identity, _, value, kind in _of(connection, _VALUES, identities):
            values[identity].append(SPECIAL_VALUES.get(kind, value))
        for identity, name, value, domain in _of(connection, _PARAMS, identities):
            params[identity][name] = _reader(domain)(value)
        for identity, step, value, kind in _of(connection, _CURVES, identities):
            curves[identity][step] = SPECIAL_VALUES.get(kind, value)
        for identity, name, text in _of(connection, _ATTRIBUTES, identities):
            kept[identity][name] = json.loads(text)
        for identity, number, state, started, finished in rows:
            record = TrialRecord(
                number,
                state,
                tuple(values[identity]),
                params[identity],
                curves[identity],
                kept[identity],
                _local(started),
                _local(finished),
            )
            yield identity, snapshot_of(record, self._metrics)

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


def _of(connection: sqlite3.Connection, query: str, identities: Sequence[int]) -> list[Any]:
    marks = ", ".join("?" * len(identities))
    # Its rows are what the query says.
    return connection.execute(query.format(marks), identities).fetchall()


def _objectives(connection: sqlite3.Connection, study: int) -> tuple[Objective, ...]:
    query = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
    directions = [direction for (direction,) in connection.execute(query, (study,))]
    names = _kept(connection, "study_system_attributes", study).get("study:metric_names")
    return objectives_of(names if isinstance(names, list) else None, directions)


def _kept(connection: sqlite3.Connection, table: str, study: int) -> dict[str, object]:
    query = f"SELECT key, value_json FROM {table} WHERE study_id = ?"  # noqa: S608 - our own names
    return {key: json.loads(text) for key, text in connection.execute(query, (study,))}


@lru_cache(maxsize=1024)
def _reader(domain: str) -> Callable[[float], Value]:
    """How the number of a parameter is read, by the range that it was drawn from."""
    found: Mapping[str, Mapping[str, Sequence[Value]]] = json.loads(domain)
    name = str(found["name"])
    if name.startswith("Categorical"):
        choices = found["attributes"]["choices"]
        return lambda value: choices[int(value)]
    return int if name.startswith("Int") else float


def _local(moment: str | None) -> datetime | None:
    # Optuna keeps naive UTC.
    if moment is None:
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
