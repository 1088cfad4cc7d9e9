"""What optuna-dashboard shows of a study beside its trials: notes, plots and pictures.

The dashboard keeps all of it as system attributes of the study, under names of its own. They are
written here, many in one statement: its own functions write one attribute at a time, those for
pictures refuse trials that have ended, and importing them takes a second. Tests read what is
written here with the dashboard's own functions.
"""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import NAMESPACE_OID, uuid5

from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound

from autoae.store.notes import with_section
from autoae.store.shared import Bucket, shared_place
from autoae.store.writing import write_study_attributes

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

_PIECE = 16_000
"""Characters of one attribute: every database takes so many."""
_OF_STUDY = "artifacts:"
_OF_TRIALS = "dashboard:artifacts:"

Attributes = Mapping[str, object]


@dataclass(frozen=True)
class Picture:
    """A file that the dashboard shows with a trial.

    Attributes:
        name: Of the file.
        mimetype: Such as `image/png`.
        content: Its bytes.
    """

    name: str
    mimetype: str
    content: bytes


class Artifacts(FileSystemArtifactStore):
    """The files of pictures; one that is gone already can be removed all the same.

    Where AUTOAE_ARTIFACTS names a bucket they are there as well, for other machines.

    Args:
        folder: Where they are here.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        place = shared_place()
        self._bucket = place if isinstance(place, Bucket) else None
        self._store = self._bucket.store() if self._bucket else None

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open a file, from here or from the bucket.

        Raises:
            ArtifactNotFound: It is in neither.
        """
        try:
            return super().open_reader(artifact_id)
        except ArtifactNotFound:
            if self._store is None:
                raise
            return self._store.open_reader(self._key(artifact_id))

    def remove(self, artifact_id: str) -> None:
        """Remove a file, if it is there."""
        with suppress(ArtifactNotFound):
            super().remove(artifact_id)
        if self._store is not None:
            self._store.remove(self._key(artifact_id))

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Write a file, creating the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        super().write(artifact_id, content_body)
        if self._store is not None:
            content_body.seek(0)
            self._store.write(self._key(artifact_id), content_body)

    def _key(self, artifact_id: str) -> str:
        assert self._bucket is not None
        return f"{self._bucket.prefix}artifacts/{artifact_id}"


class Showcase:
    """What the dashboard shows of one study; nothing of it is changed before `write`.

    Args:
        storage: As `open_storage` gives it.
        study: The name of a study in it.
        artifacts: Where pictures are kept.
    """

    def __init__(self, storage: "BaseStorage", study: str, artifacts: Artifacts) -> None:
        self._storage = storage
        self._id = storage.get_study_id_from_name(study)
        self._artifacts = artifacts
        self._kept: Attributes = {}
        self._staged: dict[str, str | int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look at the storage again: people edit notes meanwhile."""
        self._kept = self._storage.get_study_system_attrs(self._id)

    def write(self) -> None:
        """Write what was staged, as far as it differs from what is there."""
        changed = {
            name: value for name, value in self._staged.items() if self._kept.get(name) != value
        }
        write_study_attributes(self._storage, self._id, changed)
        self._kept = {**self._kept, **changed}
        self._staged = {}

    def note(self, text: str, trial: int | None = None) -> None:
        """Put a section of Markdown at the head of a note; what people wrote there stays.

        Args:
            text: In the place of what was said before.
            trial: Its number; of the study unless given.
        """
        prefix = "dashboard:" if trial is None else f"dashboard:{self._trial(trial)}:"
        before = _joined(self._kept, f"{prefix}note_str:")
        note = with_section(before, text)
        if note != before:
            self._pieces(f"{prefix}note_str:", note)
            version = self._kept.get(f"{prefix}note_ver")
            self._staged[f"{prefix}note_ver"] = version + 1 if isinstance(version, int) else 1

    def plot(self, name: str, figure: str) -> None:
        """Show a figure of Plotly, JSON, in the place of the one of that name."""
        self._pieces(f"dashboard:plot_data:{name}:", figure)

    def pictures(self, trial: int, pictures: Sequence[Picture]) -> None:
        """Show pictures with a trial, in the place of those of the same names."""
        identity = self._trial(trial)
        for picture in pictures:
            # One picture has one place for ever: drawn again, it replaces itself.
            place = str(uuid5(NAMESPACE_OID, f"autoae {self._id} {identity} {picture.name}"))
            self._artifacts.write(place, io.BytesIO(picture.content))
            facts = {
                "artifact_id": place,
                "filename": picture.name,
                "mimetype": picture.mimetype,
                "encoding": None,
            }
            self._staged[f"{_OF_TRIALS}{identity}:{place}"] = json.dumps(facts)

    def has_pictures(self, trial: int) -> bool:
        """Whether a trial shows pictures, and the files of all of them are there."""
        places = self._places(trial)
        return bool(places) and not self._gone(places)

    def forget_gone(self, trial: int) -> int:
        """Stop showing pictures of a trial whose files are gone; says how many there were."""
        gone = self._gone(self._places(trial))
        self._staged |= dict.fromkeys(gone, "null")
        return len(gone)

    def _trial(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)

    def _places(self, trial: int) -> dict[str, str]:
        """The files of the pictures of a trial, by the attribute that names each."""
        return _places(self._kept, f"{_OF_TRIALS}{self._trial(trial)}:")

    def _gone(self, places: Mapping[str, str]) -> list[str]:
        folder = self._artifacts.folder
        return [name for name, place in places.items() if not (folder / place).exists()]

    def _pieces(self, prefix: str, text: str) -> None:
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        # Attributes cannot be deleted: what is left of a longer text is emptied.
        pieces += [""] * (sum(name.startswith(prefix) for name in self._kept) - len(pieces))
        self._staged |= {f"{prefix}{place}": piece for place, piece in enumerate(pieces)}


def remove_artifacts(storage: "BaseStorage", study: str, folder: Path) -> None:
    """Remove the files of every picture of a study and its trials, whoever put them there."""
    identity = storage.get_study_id_from_name(study)
    kept = [storage.get_study_system_attrs(identity)]
    kept += [trial.system_attrs for trial in storage.get_all_trials(identity, deepcopy=False)]
    places = [_places(each, prefix) for each in kept for prefix in (_OF_STUDY, _OF_TRIALS)]
    artifacts = Artifacts(folder)
    for place in {place for each in places for place in each.values()}:
        artifacts.remove(place)


def _places(kept: Attributes, prefix: str) -> dict[str, str]:
    found = {name: json.loads(str(kept[name])) for name in kept if name.startswith(prefix)}
    return {name: facts["artifact_id"] for name, facts in found.items() if facts is not None}


def _joined(kept: Attributes, prefix: str) -> str:
    count = sum(name.startswith(prefix) for name in kept)
    return "".join(str(kept.get(f"{prefix}{place}", "")) for place in range(count))
