"""An existing study, opened for a command."""

import shlex

from autoae.cli.output import note
from autoae.spec.errors import SpecError
from autoae.store.filesystems import network_filesystem
from autoae.store.opened import Opened, existing_storage, opened
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.store.urls import shown_url, sqlite_file

__all__ = [
    "Opened",
    "command",
    "existing_storage",
    "opened",
    "split_trial",
    "trial_of",
    "warn_of_network_disk",
]


def warn_of_network_disk(url: str) -> None:
    """Name the network file system below an SQLite storage, on stderr."""
    file = sqlite_file(url)
    kind = network_filesystem(file) if file is not None else None
    if kind is not None:
        note(
            f"warning: {shown_url(url)} lies on a network file system ({kind}), where SQLite is "
            "slow and may be damaged; name a local disk or PostgreSQL with --storage"
        )


def trial_of(study: StudySnapshot, number: int) -> TrialSnapshot:
    """A trial by its number.

    Raises:
        SpecError: There is none.
    """
    if not 0 <= number < len(study.trials):
        has = f"trials 0 to {len(study.trials) - 1}" if study.trials else "no trial yet"
        raise SpecError(
            f"study {study.name!r} has no trial {number}; it has {has}",
            hint=f"`autoae trial list {study.name}` shows them",
        )
    return study.trials[number]


def split_trial(text: str) -> tuple[str, int]:
    """Read STUDY:TRIAL.

    Raises:
        SpecError: It is something else.
    """
    study, colon, number = text.rpartition(":")
    if not (colon and study and number.isdecimal()):
        raise SpecError(f"expected STUDY:TRIAL, such as digits-hybrid:7, not {text!r}")
    return study, int(number)


def command(words: str, storage: str | None) -> str:
    """A command to type next, with the storage where the user had to name it, without password."""
    return f"autoae {words}" + (f" --storage {shlex.quote(shown_url(storage))}" if storage else "")
