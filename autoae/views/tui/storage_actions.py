"""The monitor's actions: through the storage, so that they work from another machine."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from autoae.spec.domains import Value
from autoae.store.commands import StudyCommands
from autoae.store.failures import storage_errors
from autoae.store.reproduction import reproduction
from autoae.store.requests import OBEYED_SECONDS
from autoae.store.runs import run_root, trial_folder
from autoae.store.snapshot_reader import trial_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from autoae.store.urls import handed_on


class StorageActions:
    """Acts on the studies of one storage.

    Args:
        url: As `storage_url` gives it.
        named: The storage as a command must name it, or None: as the environment does.
    """

    def __init__(self, url: str, named: str | None) -> None:
        self._url, self._named = url, named
        self._dashboard: subprocess.Popen[bytes] | None = None

    def pause(self, study: str) -> str:
        """Pause, or resume where the study is paused."""
        with self._commands(study) as commands:
            if commands.pause():
                return f"{study} is paused: running trials go on to their end"
            commands.resume()
            return f"{study} goes on"

    def stop(self, study: str) -> str:
        """Ask every coordinator to stop."""
        with self._commands(study) as commands:
            commands.stop()
        return f"asked: {study} stops within {OBEYED_SECONDS} seconds"

    def prune(self, study: str, number: int) -> str:
        """End a running trial."""
        with self._commands(study) as commands:
            commands.prune(number)
        return f"asked: trial {number} ends within {OBEYED_SECONDS} seconds"

    def retry(self, study: str, number: int) -> str:
        """Queue a failed or pruned trial again."""
        with self._commands(study) as commands:
            return f"trial {commands.retry(number)} waits and repeats trial {number}"

    def vary(self, study: str, number: int, changes: Mapping[str, Value]) -> str:
        """Queue a variation of a trial."""
        with self._commands(study) as commands:
            return f"trial {commands.vary(number, changes)} waits, a variation of trial {number}"

    def note(self, study: str, number: int | None, text: str) -> str:
        """Add a note."""
        with self._commands(study) as commands:
            commands.note(text, number)
        return "noted on the study" if number is None else f"noted on trial {number}"

    def reproduce(self, study: str, number: int) -> str:
        """The command that trains a trial again."""
        with self._commands(study) as commands:
            trial = commands.trial(number)
        kept = trial_snapshot(trial, [])
        folder = trial_folder(run_root(self._url), study, number)
        return reproduction(study, kept, folder, self._named).command

    def dashboard(self) -> str:
        """Start the dashboard once; it ends with the monitor."""
        if self._dashboard is None or self._dashboard.poll() is not None:
            named, environment = handed_on(self._url)
            words = [sys.executable, "-m", "autoae", "dashboard", *named, "--open"]
            nowhere = subprocess.DEVNULL
            self._dashboard = subprocess.Popen(  # noqa: S603 - our own command
                words, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment
            )
        return "the dashboard opens in the browser; by hand: autoae dashboard --open"

    def close(self) -> None:
        """End the dashboard that was started from here."""
        if self._dashboard is not None:
            self._dashboard.terminate()

    @contextmanager
    def _commands(self, study: str) -> Iterator[StudyCommands]:
        # Opened for each action: a person acts seldom, and no connection is kept meanwhile.
        with storage_errors(self._url):
            storage = open_storage(self._url)
            try:
                yield StudyCommands(storage, load_study(storage, study))
            finally:
                close_storage(storage)
