"""An existing study, opened to be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.spec.study import StudySpec
from autoae.store.errors import StudyNotFound
from autoae.store.evaluations import OpenedSplit, opened_split
from autoae.store.failures import storage_errors
from autoae.store.runs import run_root
from autoae.store.snapshot import StudySnapshot
from autoae.store.snapshot_reader import read_snapshot
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
