"""Keep the dashboard's view of a study up to date: beside its run, or beside the dashboard."""

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from autoae.cli.allowance import Allowance
from autoae.cli.opened import command
from autoae.store.runs import run_root
from autoae.store.storage import close_storage, open_storage, sqlite_file
from autoae.store.studies import load_study, study_spec

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from autoae.views.dashboard.publish import Publisher

SHARE = 0.008
"""Of the CPU time of a run; what is not measured (waking up, asking whether) fits below 1 %."""

ROUND_SECONDS = 5.0

_GUESSES = {
    "opening": 0.2,
    "reading": 0.05,
    "notes": 0.05,
    "plots": 0.5,
    "pictures": 0.1,
    "effects": 2.0,
}
"""CPU seconds of the first time, with its imports; from the second time on it is known."""

Tell = Callable[[str], None]


def publisher(
    backend: "BaseStorage", url: str, name: str, storage: str | None, best: int | None = None
) -> "Publisher":
    """What draws a study of an open storage.

    Args:
        backend: The storage.
        url: Its URL.
        name: Of the study.
        storage: As the user gave it, for the commands that notes name.
        best: How many trials get pictures; as many as usual unless given.

    Raises:
        StorageError: Another program created the study.
    """
    from autoae.views.dashboard.publish import BEST, Place, Publisher

    study = load_study(backend, name)
    place = Place(
        backend,
        study,
        study_spec(study),
        run_root(url),
        lambda words: command(words, storage),
        alone=sqlite_file(url) is not None,
    )
    return Publisher(place, BEST if best is None else best)


@contextmanager
def published(name: str, url: str, storage: str | None, tell: Tell) -> "Iterator[Beside]":
    """Keep the dashboard's view of a study up to date while the block runs it.

    A thread of its own draws, no more than a small share of the CPU time of the run, and never
    makes it fail. What the share did not allow is drawn by `autoae dashboard`.

    Args:
        name: Of the study.
        url: Of its storage.
        storage: As the user gave it, for the commands that notes name.
        tell: Is told once, should something go wrong.

    Yields:
        What draws; after the block it knows what that has cost.
    """
    # scikit-learn (imported by one thread) and Plotly (by the other) both import this package; its
    # modules import each other, which is a deadlock where two threads begin it at once.
    with suppress(ImportError):
        importlib.import_module("narwhals.stable.v2")
    ended = threading.Event()
    worker = Beside(name, url, storage, ended)
    thread = threading.Thread(target=worker.work, args=(tell,), name="autoae-dashboard")
    thread.start()
    try:
        yield worker
    finally:
        ended.set()
        thread.join()


class Beside:
    """Draws a study beside its run.

    Args:
        name: Of the study.
        url: Of its storage.
        storage: As the user gave it.
        ended: Is set when the run has ended.

    Attributes:
        seconds: CPU time that drawing has taken, once it has ended.
    """

    def __init__(self, name: str, url: str, storage: str | None, ended: threading.Event) -> None:
        self._name, self._url, self._storage, self._ended = name, url, storage, ended
        self._allowance = Allowance(SHARE, _GUESSES)
        self.seconds = 0.0

    def work(self, tell: Tell) -> None:
        """Draw in rounds until the run has ended, and once more then."""
        try:
            self._rounds()
        except Exception as error:
            tell(f"the dashboard is not kept up to date: {type(error).__name__}: {error}")
        finally:
            self.seconds = time.thread_time()

    def _rounds(self) -> None:
        if not self._waited_for("opening"):
            return
        with self._allowance.charged("opening"):
            backend = open_storage(self._url)
            drawn = publisher(backend, self._url, self._name, self._storage)
        try:
            while not self._ended.is_set():
                self._round(drawn)
                self._ended.wait(ROUND_SECONDS)
            self._round(drawn)
        finally:
            close_storage(backend)

    def _waited_for(self, kind: str) -> bool:
        """Wait until work of a kind is earned; says whether it is."""
        while not self._allowance.permits(kind):
            if self._ended.wait(ROUND_SECONDS):
                return self._allowance.permits(kind)
        return True

    def _round(self, drawn: "Publisher") -> None:
        if not self._allowance.permits("reading"):
            return
        with self._allowance.charged("reading"):
            steps = list(drawn.steps())
        for step in steps:
            if self._allowance.permits(step.kind):
                with self._allowance.charged(step.kind):
                    step.do()


def catch_up(drawn: "Publisher", stop: threading.Event) -> float:
    """Bring everything of a study up to date; says how many CPU seconds that took.

    Args:
        drawn: The study.
        stop: Set to leave the rest.
    """
    start = time.thread_time()
    for step in drawn.steps():
        if stop.is_set():
            break
        step.do()
    return time.thread_time() - start
