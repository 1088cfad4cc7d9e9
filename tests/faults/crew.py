"""Several coordinators of one study, each in a process of its own.

They are forked from a process that has imported everything once: four times torch would be most of
the time of a test.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from optuna import Study

from autoae.search import others, results
from autoae.search.launch import launch_process
from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.store.attributes import RESUMED
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.store.snapshot_reader import SnapshotReader
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from tests.faults.processes import DEADLINE_SECONDS
from tests.search.support import launch_thread


class Crew:
    """Coordinators that run the study `tiny`.

    Args:
        url: Of its storage.
        folder: Where the run folders of a server's studies are.
        count: How many.
        workers: Of each; one is a thread of it, more are processes.
    """

    def __init__(self, url: str, folder: Path, count: int, workers: int = 1) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(["torch", __name__])
        words = (url, str(folder), workers)
        self.coordinators: list[ForkServerProcess] = [
            context.Process(target=_coordinate, args=words, daemon=workers == 1)
            for _ in range(count)
        ]
        for each in self.coordinators:
            each.start()

    def kill(self, pid: int) -> None:
        """Kill a coordinator."""
        os.kill(pid, signal.SIGKILL)

    def end(self) -> list[int | None]:
        """Wait for the end of all; gives their exit codes."""
        for each in self.coordinators:
            each.join(DEADLINE_SECONDS)
        return [each.exitcode for each in self.coordinators]

    def close(self) -> None:
        """Leave none behind."""
        for each in self.coordinators:
            each.kill()
            each.join()


@contextmanager
def crew(url: str, folder: Path, count: int, workers: int = 1) -> Iterator[Crew]:
    """Start coordinators, and leave none behind."""
    found = Crew(url, folder, count, workers)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def watched(url: str) -> "Iterator[Watched]":
    """Look at the study again and again, at the price of opening its storage once."""
    storage = open_storage(url)
    try:
        yield Watched(load_study(storage, "tiny"))
    finally:
        close_storage(storage)


class Watched:
    """The study `tiny` while others run it."""

    def __init__(self, study: Study) -> None:
        self._study, self._reader = study, SnapshotReader(study)

    def read(self) -> StudySnapshot:
        """As it stands."""
        return self._reader.read()

    def resumed(self, number: int) -> int:
        """How many epochs a trial took over from the one that it repeats."""
        epochs = self._study.get_trials(deepcopy=False)[number].user_attrs[RESUMED]
        assert isinstance(epochs, int)
        return epochs

    def saved(self, folder: Path) -> TrialSnapshot | None:
        """A trial in training that has a checkpoint."""
        running = self.read().of_state("RUNNING")
        runs = folder / "storage" / "runs" / "tiny"
        having = (each for each in running if (runs / str(each.number) / "checkpoint.pt").exists())
        return next((each for each in having if each.lease is not None), None)


def _coordinate(url: str, folder: str, workers: int) -> None:
    os.chdir(folder)
    # Short times in the place of those that suit trainings of minutes.
    others.LOOK_SECONDS = 0.2
    results.CHECKPOINT_SECONDS = 0.0
    launch = launch_thread if workers == 1 else launch_process
    run_study("tiny", url, RunOptions(workers=workers, joins=True), SilentObserver(), launch=launch)
