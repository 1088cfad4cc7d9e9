"""Notes on a study and on its trials, in the form in which optuna-dashboard shows and edits them.

The dashboard keeps all of them as system attributes of the study: a version, and the Markdown text
in pieces of a length that every database takes. A section between two marks belongs to autoae and
is written anew; whatever else stands in a note is a person's and is kept.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

_PIECE = 2045
"""Characters of one attribute, as in optuna-dashboard."""
_BEGIN, _END = "[//]: # (autoae writes this anew)", "[//]: # (autoae: end)"
"""Markdown that is never seen, unlike a comment, which the dashboard shows as text."""
_SECTION = re.compile(re.escape(_BEGIN) + r".*?" + re.escape(_END) + r"\s*", re.DOTALL)


class Notes:
    """The notes of one study.

    Args:
        storage: As `open_storage` gives it.
        study: The name of a study in it.
    """

    def __init__(self, storage: "BaseStorage", study: str) -> None:
        self._storage = storage
        self._id = storage.get_study_id_from_name(study)

    def read(self, trial: int | None = None) -> str:
        """The whole note on a trial, by its number, or on the study; Markdown, perhaps empty.

        Raises:
            KeyError: There is no such trial.
        """
        return _text(self._kept(), self._prefix(trial))

    def of_person(self, trial: int | None = None) -> str:
        """What people have written into that note.

        Raises:
            KeyError: There is no such trial.
        """
        return _SECTION.sub("", self.read(trial)).strip()

    def add(self, text: str, trial: int | None = None) -> None:
        """Add a paragraph to a note.

        Raises:
            KeyError: There is no such trial.
        """
        before = self.read(trial).rstrip()
        self._write(f"{before}\n\n{text.strip()}" if before else text.strip(), trial)

    def _kept(self) -> Mapping[str, object]:
        return self._storage.get_study_system_attrs(self._id)

    def _prefix(self, trial: int | None) -> str:
        if trial is None:
            return "dashboard:"
        identity = self._storage.get_trial_id_from_study_id_trial_number(self._id, trial)
        return f"dashboard:{identity}:"

    def _write(self, text: str, trial: int | None) -> None:
        kept, prefix = self._kept(), self._prefix(trial)
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        # Attributes cannot be deleted: what is left of a longer note is emptied.
        pieces += [""] * (len(_pieces(kept, prefix)) - len(pieces))
        for place, piece in enumerate(pieces):
            self._storage.set_study_system_attr(self._id, f"{prefix}note_str:{place}", piece)
        version = kept.get(f"{prefix}note_ver")
        version = version + 1 if isinstance(version, int) else 1
        self._storage.set_study_system_attr(self._id, f"{prefix}note_ver", version)


def with_section(note: str, text: str) -> str:
    """A note at whose head autoae says this, in the place of what it said before.

    Args:
        note: The whole note; what people wrote stays.
        text: Markdown.
    """
    rest = _SECTION.sub("", note).strip()
    # Marks inside the text would end the section too early.
    inside = text.strip().replace(_BEGIN, "").replace(_END, "")
    return f"{_BEGIN}\n\n{inside}\n\n{_END}\n\n{rest}".strip()


def _pieces(kept: Mapping[str, object], prefix: str) -> list[str]:
    """The pieces of a note in their order."""
    start = f"{prefix}note_str:"
    places = sorted(int(key.removeprefix(start)) for key in kept if key.startswith(start))
    return [str(kept[f"{start}{place}"]) for place in places]


def _text(kept: Mapping[str, object], prefix: str) -> str:
    return "".join(_pieces(kept, prefix)) if f"{prefix}note_ver" in kept else ""
