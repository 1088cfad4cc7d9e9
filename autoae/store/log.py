"""The log of a study: what its runs had to tell, one JSON object a line, in its run folder.

It is a help for people, not a record: trials and figures are in the storage. It is kept bounded,
each machine that runs the study has its own, and where it cannot be written the study goes on.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from autoae.spec.jsontext import read_json

Event = Literal["run", "started", "complete", "pruned", "refused", "failed", "note"]
"""What a line is about: a run of the study, a trial, or anything else."""

LARGEST_BYTES = 500_000
"""A log that has grown beyond this becomes the old one, in the place of the one before."""


@dataclass(frozen=True)
class LogLine:
    """One line of a log.

    Attributes:
        at: When, local time.
        event: What it is about.
        trial: The number of the trial that it is about, or None.
        message: In words; of a trial its network, its values, or why it ended.
    """

    at: datetime
    event: Event
    trial: int | None
    message: str


@dataclass(frozen=True)
class StudyLog:
    """The log of one study.

    Attributes:
        folder: All run folders of the study; it need not exist yet.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self.folder / "log.jsonl"

    @property
    def _old(self) -> Path:
        return self.folder / "log.old.jsonl"

    def append(self, event: Event, message: str, trial: int | None = None) -> None:
        """Write a line, if that is possible."""
        at = datetime.now().isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, "trial": trial, "message": message}) + "\n"
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            # One write of whole bytes, so that lines of several programs do not mix.
            with self.path.open("ab", buffering=0) as file:
                file.write(line.encode())
                full = file.tell() > LARGEST_BYTES
            if full:
                self.path.replace(self._old)

    def read(self, last: int = 200) -> tuple[LogLine, ...]:
        """The last lines, oldest first; a torn one is left out."""
        texts = _lines(self.path)
        if len(texts) < last:
            texts = _lines(self._old) + texts
        return tuple(found for text in texts[-last:] for found in _parsed(text))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _parsed(text: str) -> Iterator[LogLine]:
    with suppress(ValueError, KeyError, TypeError):
        kept = read_json(text)
        event = kept["event"]
        if event in get_args(Event):  # Else a newer version wrote it.
            yield LogLine(datetime.fromisoformat(kept["at"]), event, kept["trial"], kept["message"])
