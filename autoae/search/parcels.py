"""Files of run folders between machines that share no disk: they travel with the news.

A worker of another machine trains in a folder of its own. What has changed there travels with its
next word to the coordinator, which keeps the run folder; and a trial that goes on from the
checkpoint of another one gets that along with its order.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autoae.search.messages import News, Order
from autoae.spec.files import append
from autoae.store.runs import RunFolder


@dataclass(frozen=True)
class Part:
    """A file, or what was added to it.

    Attributes:
        name: Within its folder.
        content: Of the file, or of what was added.
        added: Whether it follows what was sent before.
    """

    name: str
    content: bytes
    added: bool = False


@dataclass(frozen=True)
class Place:
    """From a worker: where it is.

    Attributes:
        host: Name of the machine.
        pid: Of its process.
    """

    host: str
    pid: int


@dataclass(frozen=True)
class Parcel:
    """From a worker: news, and the files that belong to it."""

    news: News
    files: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """To a worker: an order, and the files of the trial that it goes on from."""

    order: Order
    files: tuple[Part, ...] = ()


class Outbox:
    """Gives what has changed in a folder since it was last asked.

    Args:
        folder: It need not exist yet, and has no folders within.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sent: dict[str, os.stat_result] = {}

    def changed(self) -> tuple[Part, ...]:
        """What to send; lines before checkpoints, as a training writes them."""
        if not self._folder.exists():
            return ()
        entries = sorted(self._folder.iterdir(), key=lambda path: (not _grows(path), path.name))
        parts = (self._part(path) for path in entries)
        return tuple(part for part in parts if part is not None)

    def _part(self, path: Path) -> Part | None:
        now, before = path.stat(), self._sent.get(path.name)
        self._sent[path.name] = now
        if before is None or not _grows(path):
            same = before is not None and _version(before) == _version(now)
            return None if same else Part(path.name, path.read_bytes()[: now.st_size])
        if now.st_size == before.st_size:
            return None
        with path.open("rb") as file:
            file.seek(before.st_size)
            return Part(path.name, file.read(now.st_size - before.st_size), added=True)


def unpack(folder: RunFolder, files: Iterable[Part]) -> None:
    """Write files that have arrived; each that is sent whole is whole or not there.

    Raises:
        UnwrittenError: They cannot be written.
    """
    for part in files:
        path = folder.path / Path(part.name).name
        if part.added:
            append(path, part.content)
        else:
            folder.write_bytes(path, part.content)


def kept_of(earlier: Iterable[RunFolder]) -> tuple[Part, ...]:
    """What a trial needs to go on from the first of these folders that has a checkpoint."""
    source = next((each for each in earlier if each.checkpoint.exists()), None)
    if source is None:
        return ()
    needed = (source.metrics, source.gradients, source.checkpoint)
    return tuple(Part(path.name, path.read_bytes()) for path in needed if path.exists())


def _grows(path: Path) -> bool:
    """Whether lines or records are only added to it."""
    return path.suffix == ".jsonl" or "tfevents" in path.name


def _version(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
