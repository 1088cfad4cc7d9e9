"""A study read by Optuna in a process of its own, for storages that plain SQL does not read.

Optuna builds an object for every trial; in a thread that would hold up whoever draws for seconds.
The process sends only the trials that changed, in pieces small enough to be taken in between two
keys.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from autoae.spec.settings import Objective
from autoae.store.errors import StorageError
from autoae.store.failures import storage_errors
from autoae.store.records import study_snapshot
from autoae.store.snapshot import StudyReading, TrialSnapshot
from autoae.store.snapshot_reader import SnapshotReader
from autoae.store.storage import open_storage
from autoae.store.studies import load_study

_PIECE = 100
"""Trials in one message."""


@dataclass(frozen=True)
class _Head:
    """What comes before the trials: how many messages follow, and the study itself."""

    objectives: tuple[Objective, ...]
    attributes: Mapping[str, object]
    pieces: int


class ProcessReader:
    """Takes snapshots of one study, again and again, as Optuna reads it.

    Args:
        url: Of any storage.
        name: Of the study.
    """

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs, url, name), daemon=True)
        self._process.start()
        theirs.close()
        self._trials: dict[int, TrialSnapshot] = {}

    def read(self) -> StudyReading:
        """The study as it stands now.

        Raises:
            StorageError: The storage cannot be read, or the process has ended.
        """
        try:
            self._pipe.send("read")
            head = self._pipe.recv()
            if isinstance(head, Exception):
                raise head
            for _ in range(head.pieces):
                self._trials |= {trial.number: trial for trial in self._pipe.recv()}
        except (EOFError, ConnectionError, BrokenPipeError) as error:
            raise StorageError("the process that reads the storage has ended") from error
        trials = [self._trials[number] for number in sorted(self._trials)]
        snapshot = study_snapshot(self._name, head.objectives, head.attributes, trials)
        return StudyReading(snapshot, head.attributes)

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()


def _answer(pipe: Connection, url: str, name: str) -> None:
    """The process: answers every message until nobody asks any more."""
    reader: SnapshotReader | None = None
    sent: dict[int, TrialSnapshot] = {}
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            pipe.recv()
            try:
                with storage_errors(url):
                    reader = reader or SnapshotReader(load_study(open_storage(url), name))
                    reading = reader.reading()
            except StorageError as error:
                pipe.send(error)
                continue
            _send(pipe, reading, sent)


def _send(pipe: Connection, reading: StudyReading, sent: dict[int, TrialSnapshot]) -> None:
    changed = [each for each in reading.snapshot.trials if sent.get(each.number) != each]
    pieces = [changed[start : start + _PIECE] for start in range(0, len(changed), _PIECE)]
    pipe.send(_Head(reading.snapshot.objectives, reading.attributes, len(pieces)))
    for piece in pieces:
        pipe.send(piece)
    sent |= {trial.number: trial for trial in changed}
