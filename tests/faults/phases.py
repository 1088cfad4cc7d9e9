"""What a process is doing at this moment, readable after it was stopped in the middle of it."""

import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Literal

import psutil

from autoae.search import pool, training_run
from autoae.search.book import Book
from autoae.search.coordinator import Coordinator
from autoae.search.dispatch import Dispatcher
from autoae.search.ledger import Ledger
from autoae.search.member_run import MemberRun
from autoae.search.others import Others
from autoae.search.results import Results
from autoae.search.training_run import TrainingRun
from autoae.search.worker import _Worker
from autoae.training import fit

Role = Literal["coordinator", "worker"]

ROLES: tuple[Role, ...] = ("coordinator", "worker")
PHASES = (
    "starting",
    "waiting",
    "asking for a trial",
    "taking over what was lost",
    "before the first epoch",
    "in an epoch",
    "after an epoch",
    "writing a checkpoint",
    "telling, hearing",
    "writing to the database",
    "at the end of a trial",
)


class Phases:
    """Writes down what the own process does, one byte in a file that is named by its number.

    Args:
        folder: Of these files.
        role: Of this process.
    """

    def __init__(self, folder: Path, role: Role) -> None:
        path = folder / str(os.getpid())
        # Its start as well: the number may be another process's before long.
        path.write_bytes(bytes([ROLES.index(role), 0]) + _start(psutil.Process()))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 2)

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """The block is this phase; after it comes the one before it."""
        before = self._map[1]
        self._map[1] = PHASES.index(phase)
        try:
            yield
        finally:
            self._map[1] = before

    def watch(self, owner: object, name: str, phase: str) -> None:
        """Let the calls of a method or function be a phase."""
        call: Callable[..., object] = getattr(owner, name)

        @wraps(call)
        def watched(*given: object, **named: object) -> object:
            with self.during(phase):
                return call(*given, **named)

        setattr(owner, name, watched)


def watch_coordinator(folder: Path) -> None:
    """Write down what this coordinator does."""
    phases = Phases(folder, "coordinator")
    phases.watch(pool, "wait", "waiting")
    phases.watch(Dispatcher, "dispatch", "asking for a trial")
    phases.watch(Others, "look", "taking over what was lost")
    phases.watch(Coordinator, "_hear", "telling, hearing")
    phases.watch(Ledger, "note", "writing to the database")
    phases.watch(Book, "_finished", "at the end of a trial")


def watch_worker(folder: Path) -> None:
    """Write down what this worker does."""
    phases = Phases(folder, "worker")
    phases.watch(_Worker, "_next", "waiting")
    phases.watch(_Worker, "_tell", "telling, hearing")
    phases.watch(TrainingRun, "_begun", "before the first epoch")
    phases.watch(TrainingRun, "_look_at", "after an epoch")
    phases.watch(Results, "_save", "writing a checkpoint")
    phases.watch(MemberRun, "_end", "at the end of a trial")

    def fitted(*given: object) -> Iterator[object]:
        epochs = fit(*given)  # type: ignore[arg-type]
        while True:
            with phases.during("in an epoch"):
                report = next(epochs, None)
            if report is None:
                return
            yield report

    setattr(training_run, "fit", fitted)  # noqa: B010 - it is imported there


def read_phase(folder: Path, pid: int) -> str:
    """What a process did when it was stopped."""
    return PHASES[(folder / str(pid)).read_bytes()[1]]


def living(folder: Path, role: Role) -> list[int]:
    """The numbers of the processes of a role that have not ended."""
    return [int(path.name) for path in folder.iterdir() if _lives(path, role)]


def _lives(path: Path, role: Role) -> bool:
    content = path.read_bytes()
    try:
        process = psutil.Process(int(path.name))
        ended = process.status() == psutil.STATUS_ZOMBIE
        started = _start(process)
    except psutil.Error:
        return False
    return not ended and content[:1] == bytes([ROLES.index(role)]) and content[2:] == started


def _start(process: psutil.Process) -> bytes:
    return repr(process.create_time()).encode()
