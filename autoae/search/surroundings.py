"""What trials need and cannot be blamed for: room on the disks, folders to write to, images."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autoae.search.errors import SearchError
from autoae.search.messages import Failed, Unwritten
from autoae.spec.errors import UserError

RESERVE_BYTES = 2**24
"""Room that there shall be beside what a worker could not write, before trials go on."""
MOST_SURPRISES = 3
"""So often there is room where a worker found none: then it is a quota, or nobody knows what."""


@dataclass
class Surroundings:
    """Hears of what workers lacked; lets trials wait until it is there, or ends the study.

    Attributes:
        check_data: Raises what is wrong with the images of the study.
        workers: How many write at once.
        tell: Is told when trials have to wait, and when they go on.
        error: Why the study cannot go on, if it cannot.
    """

    check_data: Callable[[], None]
    workers: int
    tell: Callable[[str], None]
    error: SearchError | None = None
    _lacking: Unwritten | None = None
    _waits: bool = False
    _surprises: int = 0

    def blamed(self, news: Failed) -> bool:
        """Whether a trial has failed for want of something that no other trial had either."""
        if news.unwritten is not None:
            self._hear(news.unwritten, news.reason)
            return True
        return news.no_data and self._data_are_gone()

    def lack_room(self) -> bool:
        """Whether trials have to wait for room on a disk."""
        if self._lacking is None:
            return False
        free, needed = free_bytes(self._lacking.place), self._needed(self._lacking)
        if free < needed and not self._waits:
            self.tell(_no_room(self._lacking.place, free, needed))
        elif free >= needed and self._waits:
            self.tell("there is room on the disk again: the study goes on")
        self._waits = free < needed
        if self._waits:
            self._surprises = 0
        else:
            self._lacking = None
        return self._waits

    def _needed(self, lacking: Unwritten) -> int:
        # What could not be written is in the way of every worker, and a file is replaced by
        # writing it beside the old one.
        return RESERVE_BYTES + self.workers * lacking.needed

    def _hear(self, unwritten: Unwritten, reason: str) -> None:
        if not unwritten.full:
            hint = f"mend the permissions or the disk of {unwritten.place.parent}"
            self.error = _cannot_write(reason, hint)
            return
        known = self._lacking
        if known is None or unwritten.needed >= known.needed:
            self._lacking = unwritten
        self._surprises += 1
        if not self.lack_room() and self._surprises >= MOST_SURPRISES:
            self.error = _cannot_write(reason, "free some space, or ask for a larger quota")

    def _data_are_gone(self) -> bool:
        try:
            self.check_data()
        except UserError as error:
            message = f"the images cannot be had any more: {error.message}"
            hint = f"{error.hint or 'bring them back'}; {_CONTINUE}"
            self.error = SearchError(message, hint=hint)
            return True
        return False


_CONTINUE = "then continue with `autoae study run`"


def free_bytes(place: Path) -> int:
    """The room on the disk of a file or folder that need not exist."""
    folder = next(each for each in (place, *place.absolute().parents) if each.is_dir())
    return shutil.disk_usage(folder).free


def _cannot_write(reason: str, hint: str) -> SearchError:
    return SearchError(f"a worker cannot write its files: {reason}", hint=f"{hint}; {_CONTINUE}")


def _no_room(place: Path, free: int, needed: int) -> str:
    return (
        f"no room on the disk for {place}: {free / 1e6:,.1f} MB are free, {needed / 1e6:,.1f} MB "
        "are needed; trials wait until there is room (`autoae study prune-files` makes some), and "
        "Ctrl-C ends the run"
    )
