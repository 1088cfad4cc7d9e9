"""Keep the dashboard's view of a study up to date while it runs, in a process of its own."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from autoae.cli.allowance import Allowance
from autoae.cli.publishing import ROUND_SECONDS, publisher
from autoae.store.storage import close_storage, open_storage

if TYPE_CHECKING:
    from autoae.views.dashboard.publish import Publisher

SHARE = 0.008
"""Of the CPU time of a run; what is not measured (waking up, asking whether) fits below 1 %."""

_GUESSES = {
    "opening": 1.0,
    "reading": 0.05,
    "notes": 0.05,
    "plots": 0.5,
    "pictures": 0.1,
    "effects": 2.0,
}
"""CPU seconds of the first time, with its imports; from the second time on it is known."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Drawn:
    """What is drawn, and how much that may take.

    Attributes:
        name: Of the study.
        url: Of its storage.
        storage: As the user gave it.
        share: Of the CPU time of the run.
    """

    name: str
    url: str
    storage: str | None
    share: float


@dataclass(frozen=True)
class Report:
    """The last word of the process that draws.

    Attributes:
        seconds: Its CPU time.
        trouble: What went wrong; empty where nothing did.
    """

    seconds: float
    trouble: str = ""


@contextmanager
def published(name: str, url: str, storage: str | None, tell: Tell) -> "Iterator[Beside]":
    """Keep the dashboard's view of a study up to date while the block runs it.

    It takes no more than a small share of the CPU time of the run, none of the coordinator's
    memory, and never makes the run fail. What the share did not allow is drawn by
    `autoae dashboard`.

    Args:
        name: Of the study.
        url: Of its storage.
        storage: As the user gave it, for the commands that notes name.
        tell: Is told once, should something go wrong.

    Yields:
        What draws; after the block it knows what that has cost.
    """
    beside = Beside(Drawn(name, url, storage, SHARE), tell)
    thread = threading.Thread(target=beside.work, name="autoae-drawing")
    thread.start()
    try:
        yield beside
    finally:
        beside.ended.set()
        thread.join()


class Beside:
    """Starts the process that draws, once it is earned, and ends it with the run.

    Args:
        drawn: What.
        tell: Is told of trouble.

    Attributes:
        ended: Is set when the run has ended.
        seconds: CPU time that drawing has taken, once it has ended.
    """

    def __init__(self, drawn: Drawn, tell: Tell) -> None:
        self.ended = threading.Event()
        self.seconds = 0.0
        self._drawn, self._tell = drawn, tell

    def work(self) -> None:
        """Wait until drawing is earned, and then for the end of the run."""
        allowance = Allowance(self._drawn.share, _GUESSES)
        while not allowance.permits("opening"):
            if self.ended.wait(ROUND_SECONDS):
                return
        report = self._report()
        self.seconds = report.seconds
        if report.trouble:
            self._tell(f"the dashboard is not kept up to date: {report.trouble}")

    def _report(self) -> Report:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=draw, args=(theirs, self._drawn), name="autoae-drawing", daemon=True
        )
        if hasattr(signal, "pthread_sigmask"):
            # Ctrl-C is the run's; a process that is started by this thread never hears of it.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        process.start()
        theirs.close()
        with ours:
            report = self._heard(ours)
        process.join()
        return report

    def _heard(self, ours: Connection) -> Report:
        """The last word, which is asked for when the run has ended."""
        with suppress(EOFError, OSError):
            while not ours.poll(ROUND_SECONDS / 10):
                if self.ended.is_set():
                    ours.send(None)
                    break
            report: Report = ours.recv()
            return report
        return Report(0.0, "the process that draws was ended")


def draw(connection: Connection, drawn: Drawn) -> None:
    """Draw in rounds until the run has ended, and once more then; the work of the process.

    Args:
        connection: Brings something when the run has ended; is closed when its process has.
        drawn: What.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    trouble = ""
    try:
        _rounds(connection, drawn)
    except EOFError:
        return
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"
    with suppress(OSError):
        connection.send(Report(time.process_time(), trouble))


def _rounds(connection: Connection, drawn: Drawn) -> None:
    backend = open_storage(drawn.url)
    try:
        publishes = publisher(backend, drawn.url, drawn.name, drawn.storage)
        allowance = Allowance(drawn.share, _GUESSES, os.getppid())
        # With all that was imported.
        allowance.spent = time.process_time()
        while not connection.poll(ROUND_SECONDS):
            _round(publishes, allowance)
        connection.recv()
        _round(publishes, allowance)
    finally:
        close_storage(backend)


def _round(publishes: "Publisher", allowance: Allowance) -> None:
    if not allowance.permits("reading"):
        return
    with allowance.charged("reading"):
        steps = list(publishes.steps())
    for step in steps:
        if allowance.permits(step.kind):
            with allowance.charged(step.kind):
                step.do()
