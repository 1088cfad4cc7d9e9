"""Run a study in another process, watch it, and harm it at a chosen moment."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Self

import psutil

from autoae.store.snapshot import TrialSnapshot
from tests.search.support import TINY, snapshot

DEADLINE_SECONDS = 180
"""Far more than anything here takes, for machines with much else to do."""

LONG = TINY.replace("epochs: 2", "epochs: 60")
"""Trials long enough to be harmed in the middle, with one epoch as short as before."""


class Run:
    """A coordinator with its workers, in a session of its own as behind a terminal.

    Args:
        url: The storage with a study `tiny`.
        workers: How many.
    """

    def __init__(self, url: str, workers: int = 1) -> None:
        # A file, for nobody reads it while the process runs.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed on leaving
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.runner", url, str(workers)],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self.lines: list[list[object]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.signal_all(signal.SIGKILL)
        self._reader.join()
        self._errors.close()
        with self.process:
            pass  # Closes its pipe and waits for its end.

    def signal_all(self, number: signal.Signals) -> None:
        """Signal coordinator and workers alike, as a terminal does."""
        os.killpg(self.process.pid, number)

    def told(self, *words: object) -> bool:
        """Whether it has told a line that begins with these words."""
        return any(line[: len(words)] == list(words) for line in list(self.lines))

    def end(self) -> int:
        """Wait for its end and give its exit code."""
        code = self.process.wait(DEADLINE_SECONDS)
        self._reader.join()
        self._errors.seek(0)
        errors = self._errors.read()
        assert "Traceback" not in errors, errors
        return code


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; it is a failure if it never is."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def workers_of(run: Run) -> list[psutil.Process]:
    """The worker processes of a coordinator."""
    children = psutil.Process(run.process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def running(url: str) -> tuple[TrialSnapshot, ...]:
    """The trials that are in training."""
    return snapshot(url).of_state("RUNNING")
