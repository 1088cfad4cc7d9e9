"""An existing study, opened for a command."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.cli.output import note
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.errors import StudyNotFound
from autoae.store.evaluations import OpenedSplit, opened_split
from autoae.store.failures import storage_errors
from autoae.store.filesystems import network_filesystem
from autoae.store.runs import run_root
from autoae.store.snapshot import StudySnapshot, TrialSnapshot, read_snapshot
from autoae.store.storage import close_storage, open_storage, shown_url, sqlite_file, storage_url
from autoae.store.studies import load_study, study_spec

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage


@dataclass(frozen=True)
class Opened:
    """A study and where it is.

    Attributes:
        url: Of the storage.
        storage: Optuna's object for it.
        study: Optuna's object.
        spec: The study file in force.
    """

    url: str
    storage: "BaseStorage"
    study: "Study"
    spec: StudySpec

    def snapshot(self) -> StudySnapshot:
        """The study at this moment."""
        return read_snapshot(self.study)

    def test_split(self) -> OpenedSplit | None:
        """What is known of its test split; None while that is sealed."""
        return opened_split(self.study, run_root(self.url))


@contextmanager
def opened(name: str, storage: str | None) -> Iterator[Opened]:
    """Open a study of a storage, and close the storage after the block.

    Args:
        name: Of the study.
        storage: As the user gave it, or None.

    Raises:
        StudyNotFound: With the nearest name.
        StorageError: The storage cannot be used.
    """
    with existing_storage(storage, f"there is no study {name!r}: ") as (url, backend):
        study = load_study(backend, name)
        yield Opened(url, backend, study, study_spec(study))


@contextmanager
def existing_storage(storage: str | None, missing: str = "") -> Iterator[tuple[str, "BaseStorage"]]:
    """Open a storage that is there already, and close it after the block.

    Args:
        storage: As the user gave it, or None.
        missing: What it means where there is none, before the reason.

    Yields:
        Its URL, and the storage.

    Raises:
        StudyNotFound: There is none.
        StorageError: It cannot be used.
    """
    url = storage_url(storage)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        # Looking must not create a database.
        raise StudyNotFound(
            f"{missing}{shown_url(url)} does not exist yet",
            hint="`autoae study create` makes one; --storage names another place",
        )
    backend = open_storage(url)
    try:
        with storage_errors(url):
            yield url, backend
    finally:
        close_storage(backend)


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
