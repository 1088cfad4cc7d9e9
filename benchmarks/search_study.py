"""The study whose search is measured, at any size, in a storage of its own."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time

from search_worker import ANSWERED, WAITED, launch

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.reading import read_study
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study

NAME = "digits-hybrid"
"""Twelve parameters, one of them conditional; TPE and successive halving."""
EPOCHS = 10
SEEDLINGS = 20
"""Trials that are run; the others are copies of them, as rows of the database."""
_TABLES = (
    "trials",
    "trial_params",
    "trial_values",
    "trial_intermediate_values",
    "trial_user_attributes",
    "trial_system_attributes",
)


@dataclass
class Stopwatch(SilentObserver):
    """Hears of every trial's end, and of what the worker waited for.

    Attributes:
        ends: CPU seconds of this process when each trial had ended.
        clock: The wall clock at that moment, in seconds.
        waited: Seconds for which the worker was free, before each trial but the first.
        answered: Seconds that each answer at a rung took.
    """

    ends: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def cpu_of_a_trial(self, workers: int) -> float:
        """CPU seconds from the end of a trial to that of the next one.

        The first and the last trials of the workers are left out: before the one the study is
        read, and after the other nothing is asked for.
        """
        return _between(self.ends, workers)

    def wall_of_a_trial(self, workers: int) -> float:
        """Seconds from the end of a trial to that of the next one, whichever worker trained it."""
        return _between(self.clock, workers)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """An epoch."""
        del number, epoch, epochs
        if metrics.get(WAITED):
            self.waited.append(metrics[WAITED])
        if ANSWERED in metrics:
            self.answered.append(metrics[ANSWERED])

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """A trial has ended."""
        del number, values
        assert state == "COMPLETE", reason
        self.ends.append(process_time())
        self.clock.append(perf_counter())


def _between(ends: Sequence[float], workers: int) -> float:
    whole = ends[workers - 1 : len(ends) - workers]
    return (whole[-1] - whole[0]) / (len(whole) - 1)


def run(url: str, trials: int, *, workers: int = 1, pace: float = 0.0) -> Stopwatch:
    """Run the study up to so many trials, with workers that train nothing.

    Args:
        url: As `made` gives it.
        trials: Of the study in the end.
        workers: How many.
        pace: Seconds an epoch.
    """
    watch = Stopwatch()
    options = RunOptions(workers=workers, trials=trials)
    run_study(NAME, url, options, watch, launch=launch(pace))
    return watch


def made(folder: Path, trials: int) -> str:
    """A storage with the study at so many complete trials; its URL."""
    file = folder / f"{trials}.db"
    url = _created(file)
    seedlings = min(trials, SEEDLINGS)
    run(url, seedlings)
    with closing(sqlite3.connect(file)) as connection, connection:
        for first in range(seedlings, trials, seedlings):
            _copy(connection, first, min(seedlings, trials - first))
    return url


def untouched(folder: Path) -> str:
    """A storage with the study before its first trial, all of which are trained to the end."""
    return _created(folder / "fresh.db", "search.method=random", "search.pruner=none")


def _created(file: Path, *overrides: str) -> str:
    url = f"sqlite:///{file}"
    storage = open_storage(url)
    spec = read_study(NAME, overrides=(f"training.epochs={EPOCHS}", *overrides))
    create_study(storage, spec)
    close_storage(storage)
    return url


def _copy(connection: sqlite3.Connection, first: int, count: int) -> None:
    """Add the first trials once more, numbered from some number on."""
    for table in _TABLES:
        columns = list(_columns(connection, table))
        values = [
            f"{name} + {first}" if name in ("trial_id", "number") else name for name in columns
        ]
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} "
            f"WHERE trial_id <= {count}"
        )


def _columns(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """All but the identity that the database gives."""
    for _, name, _, _, _, key in connection.execute(f"PRAGMA table_info({table})"):
        if not key or table == "trials":
            yield name
