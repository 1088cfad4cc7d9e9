"""Studies small enough to run for real, and a worker that costs no process."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from autoae.search.launch import Worker
from autoae.search.observer import SilentObserver
from autoae.search.run import Outcome, RunOptions, run_study
from autoae.search.worker import serve
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study

TINY = """\
data: {limit: 200, validation: 100}
model:
  encoder: {kind: mlp, depth: {min: 1, max: 2}, width: {values: [8, 16]}}
  latent: {min: 2, max: 8, log: true}
  task: classify
training: {lr: {min: 1e-3, max: 1e-1, log: true}, epochs: 2}
"""

TWO = """\
objectives:
  - {metric: val_mse, direction: minimize}
  - {metric: val_accuracy, direction: maximize}
"""


def tiny(extra: str = "", *, text: str = TINY, name: str = "tiny") -> StudySpec:
    """A study of some milliseconds a trial."""
    return study_from_text(text + extra, name=name, source=f"{name}.yaml")


def create(url: str, spec: StudySpec) -> None:
    """Create a study."""
    storage = open_storage(url)
    create_study(storage, spec)
    close_storage(storage)


def run(
    url: str,
    observer: SilentObserver | None = None,
    *,
    trials: int | None = None,
    timeout: float | None = None,
) -> Outcome:
    """Run the study `tiny` with one worker that is a thread."""
    options = RunOptions(trials=trials, timeout=timeout)
    return run_study("tiny", url, options, observer or SilentObserver(), launch=launch_thread)


def snapshot(url: str, name: str = "tiny") -> StudySnapshot:
    """The study as it stands."""
    storage = open_storage(url)
    found = read_snapshot(load_study(storage, name))
    close_storage(storage)
    return found


@dataclass
class Recorder(SilentObserver):
    """Remembers what it was told."""

    began: list[tuple[str, int, int]] = field(default_factory=list)
    trials: list[tuple[int, str, float]] = field(default_factory=list)
    epochs: list[tuple[int, int, int, frozenset[str]]] = field(default_factory=list)
    ends: list[tuple[int, str, tuple[float, ...], str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def study_started(self, spec: StudySpec, budget: int, done: int) -> None:
        self.began.append((spec.name, budget, done))

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        self.trials.append((number, notation, costs["params"]))

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        self.epochs.append((number, epoch, epochs, frozenset(metrics)))

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        self.ends.append((number, state, tuple(values), reason))

    def log(self, message: str) -> None:
        self.messages.append(message)


def launch_thread(index: int) -> Worker:
    """A worker like any other, but in a thread: torch is imported only once for all tests."""
    ours, theirs = Pipe()
    return Worker(index, _Thread(theirs), ours)


class _Thread:
    """Enough of a process for the pool."""

    def __init__(self, connection: Connection) -> None:
        self.pid = os.getpid()
        self._gone, self._bell = Pipe(duplex=False)
        self._thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        self._thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            serve(connection)
        finally:
            connection.close()
            self._bell.close()

    @property
    def exitcode(self) -> int | None:
        return None if self._thread.is_alive() else 0

    @property
    def sentinel(self) -> int:
        return self._gone.fileno()

    def join(self, timeout: float | None = None) -> None:
        self._thread.join(10 if timeout is None else timeout)

    def kill(self) -> None:
        """A thread ends when its pipe closes, which the pool sees to."""
