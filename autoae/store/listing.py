"""All studies of a storage by plain SQL: counting 10,000 trials must not load 10,000 trials.

It reads Optuna's tables with SQLAlchemy alone and imports nothing of Optuna. Tests compare it
with what Optuna itself says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autoae.store.attributes import BUDGET, PAUSED, REFUSED, RETRIED_FROM
from autoae.store.failures import storage_errors
from autoae.store.storage import engine_options, sqlite_file

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_METRIC_NAMES = "study:metric_names"


@dataclass(frozen=True)
class StudyListing:
    """One line of the list of studies.

    Attributes:
        name: Of the study.
        objectives: Metric and direction of each.
        counts: Trials by state, in Optuna's words.
        refused: How many of the pruned ones were refused before their first epoch.
        done: How many use up the budget: finished, neither refused nor repeated.
        budget: Trials over all runs and workers; None where another program made the study.
        best: The best value, with one objective and at least one complete trial.
        active: When a trial last started or ended, local time; None before the first.
        paused: Whether no trial is started until the study is resumed.
    """

    name: str
    objectives: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    refused: int
    done: int
    budget: int | None
    best: float | None
    active: datetime | None
    paused: bool


def study_names(url: str) -> tuple[str, ...]:
    """The names of all studies, in the order of their creation.

    Raises:
        StorageError: The storage cannot be read.
    """
    with _connected(url) as connection:
        if connection is None:
            return ()
        rows = _rows(connection, "SELECT study_name FROM studies ORDER BY study_id")
        return tuple(str(name) for (name,) in rows)


def study_list(url: str) -> tuple[StudyListing, ...]:
    """All studies with their counts, in the order of their creation.

    Raises:
        StorageError: The storage cannot be read.
    """
    with _connected(url) as connection:
        return () if connection is None else _Tables(connection).listings()


@contextmanager
def _connected(url: str) -> "Iterator[Connection | None]":
    """A connection, or None where there is no file or no Optuna table in it yet."""
    from sqlalchemy import create_engine, inspect

    file = sqlite_file(url)
    if file is not None and not file.exists():
        yield None
        return
    with storage_errors(url):
        engine = create_engine(url, **engine_options(url))
        try:
            with engine.connect() as connection:
                yield connection if inspect(connection).has_table("studies") else None
        finally:
            engine.dispose()


def _rows(connection: "Connection", statement: str) -> Iterable[tuple[object, ...]]:
    from sqlalchemy import text

    return [tuple(row) for row in connection.execute(text(statement))]


class _Tables:
    """What the listing needs of Optuna's tables, one grouped query each."""

    def __init__(self, connection: "Connection") -> None:
        self._studies = _rows(connection, "SELECT study_id, study_name FROM studies ORDER BY 1")
        self._directions = _rows(connection, _DIRECTIONS)
        self._counts = _rows(connection, _COUNTS)
        self._attributes = {(key[0], key[1]): key[2] for key in _rows(connection, _ATTRIBUTES)}
        self._refused = {row[0]: row[1] for row in _rows(connection, _REFUSED)}
        self._retried = {row[0]: row[1] for row in _rows(connection, _RETRIED)}
        self._values = {row[0]: (row[1], row[2]) for row in _rows(connection, _VALUES)}
        self._active = {row[0]: row[1:] for row in _rows(connection, _ACTIVE)}

    def listings(self) -> tuple[StudyListing, ...]:
        return tuple(self._listing(study, str(name)) for study, name in self._studies)

    def _listing(self, study: object, name: str) -> StudyListing:
        counts = {str(row[1]): _int(row[2]) for row in self._counts if row[0] == study}
        refused = _int(self._refused.get(study, 0))
        retried = _int(self._retried.get(study, 0))
        finished = sum(counts.get(state, 0) for state in ("COMPLETE", "PRUNED", "FAIL"))
        objectives = self._objectives(study)
        return StudyListing(
            name=name,
            objectives=objectives,
            counts=counts,
            refused=refused,
            done=finished - refused - retried,
            budget=self._budget(study),
            best=self._best(study, objectives),
            active=_latest(self._active.get(study, ())),
            paused=self._attributes.get((study, PAUSED), "null") != "null",
        )

    def _objectives(self, study: object) -> tuple[tuple[str, str], ...]:
        directions = [str(row[2]).lower() for row in self._directions if row[0] == study]
        kept = self._attributes.get((study, _METRIC_NAMES))
        names = json.loads(str(kept)) if kept else [f"value {i}" for i in range(len(directions))]
        return tuple(zip(names, directions, strict=True))

    def _budget(self, study: object) -> int | None:
        budget = json.loads(str(self._attributes.get((study, BUDGET), "null")))
        return budget if isinstance(budget, int) else None

    def _best(self, study: object, objectives: tuple[tuple[str, str], ...]) -> float | None:
        if len(objectives) != 1 or study not in self._values:
            return None
        lowest, highest = self._values[study]
        value = lowest if objectives[0][1] == "minimize" else highest
        return float(value) if isinstance(value, int | float) else None


_DIRECTIONS = "SELECT study_id, objective, direction FROM study_directions ORDER BY 1, 2"
_COUNTS = "SELECT study_id, state, COUNT(*) FROM trials GROUP BY study_id, state"
_ATTRIBUTES = f"""
    SELECT study_id, key, value_json FROM study_user_attributes
    WHERE key IN ('{BUDGET}', '{PAUSED}')
    UNION ALL
    SELECT study_id, key, value_json FROM study_system_attributes WHERE key = '{_METRIC_NAMES}'
"""  # noqa: S608 - only our own constants
_MARKED = """
    FROM trial_user_attributes a JOIN trials t ON t.trial_id = a.trial_id
    WHERE a.key = '{}' GROUP BY t.study_id
"""
_REFUSED = "SELECT t.study_id, COUNT(*)" + _MARKED.format(REFUSED)
# Every repeated trial is named by the ones that repeat it, so distinct values count them.
_RETRIED = "SELECT t.study_id, COUNT(DISTINCT a.value_json)" + _MARKED.format(RETRIED_FROM)
_VALUES = """
    SELECT t.study_id, MIN(v.value), MAX(v.value)
    FROM trial_values v JOIN trials t ON t.trial_id = v.trial_id
    WHERE t.state = 'COMPLETE' AND v.value IS NOT NULL AND v.objective = 0 GROUP BY t.study_id
"""
_ACTIVE = """
    SELECT study_id, MAX(datetime_start), MAX(datetime_complete) FROM trials GROUP BY study_id
"""


def _int(value: object) -> int:
    return value if isinstance(value, int) else int(str(value))


def _latest(moments: Iterable[object]) -> datetime | None:
    # Optuna keeps naive UTC; SQLite gives it as text.
    found = [
        datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        for moment in moments
        if moment is not None
    ]
    times = [moment for moment in found if isinstance(moment, datetime)]
    return max(times).replace(tzinfo=UTC).astimezone().replace(tzinfo=None) if times else None
