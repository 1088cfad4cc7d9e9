"""Copies of run folders in an artifact store of Optuna, for the other machines of a study."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from autoae.store.errors import StorageError
from autoae.store.runs import RunFolder, study_folder, trial_folder
from autoae.store.shared import ENVIRONMENT, Bucket, shared_place

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore


class Depot:
    """The run folders of one study, here and in the store.

    Args:
        store: Takes and gives files by their keys.
        prefix: What every key begins with.
        root: The directory of all run folders here.
        study: The name of the study.
    """

    def __init__(self, store: "ArtifactStore", prefix: str, root: Path, study: str) -> None:
        self._store, self._root, self._study = store, root, study
        self._prefix = f"{prefix}runs/{study_folder(root, study).name}/"
        self._kept: dict[Path, int] = {}

    def keep(self, number: int) -> None:
        """Copy the files of a trial that have changed since they were copied last.

        The checkpoint is read first and copied last: whoever goes on from it needs the metrics of
        all its epochs.

        Raises:
            StorageError: The store takes them not.
            OSError: They cannot be read.
        """
        changed = [path for path in _files(self._folder(number)) if self._has_changed(path)]
        contents = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in changed]
        for path, when, content in reversed(contents):
            with _store_errors():
                self._store.write(self._key(number, path), io.BytesIO(content))
            self._kept[path] = when

    def fetch(self, number: int) -> int:
        """Bring the files of a trial here that are not here.

        Returns:
            How many there were.

        Raises:
            StorageError: The store does not give them.
            OSError: They cannot be written.
        """
        folder = self._folder(number)
        # The checkpoint last: where it is, all that belongs to it is.
        missing = [path for path in reversed(_files(folder)) if not path.exists()]
        found = [(path, self._read(self._key(number, path))) for path in missing]
        contents = [(path, content) for path, content in found if content is not None]
        for path, content in contents:
            folder.write_bytes(path, content)
        return len(contents)

    def _read(self, key: str) -> bytes | None:
        from optuna.artifacts.exceptions import ArtifactNotFound

        with _store_errors(), suppress(ArtifactNotFound), self._store.open_reader(key) as reader:
            return reader.read()
        return None

    def _folder(self, number: int) -> RunFolder:
        return trial_folder(self._root, self._study, number)

    def _key(self, number: int, path: Path) -> str:
        return f"{self._prefix}{number}/{path.name}"

    def _has_changed(self, path: Path) -> bool:
        return path.exists() and self._kept.get(path) != path.stat().st_mtime_ns


@contextmanager
def _store_errors() -> Iterator[None]:
    """One error for those of networks and permissions, of which each client has its own."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split())
        raise StorageError(
            f"the place of {ENVIRONMENT} cannot be used: {reason}",
            hint="see whether bucket, keys and address are right",
        ) from error


def depot_for(root: Path, study: str) -> Depot | None:
    """Where AUTOAE_ARTIFACTS has the run folders of a study copied to; None: nowhere.

    Raises:
        StorageError: The bucket cannot be used.
    """
    place = shared_place()
    if not isinstance(place, Bucket):
        return None
    return Depot(place.store(), place.prefix, root, study)


def _files(folder: RunFolder) -> tuple[Path, ...]:
    return (
        folder.checkpoint,
        folder.weights,
        folder.best,
        folder.arrays,
        folder.error,
        folder.gradients,
        folder.metrics,
        folder.environment,
        folder.configuration,
    )
