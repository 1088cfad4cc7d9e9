"""Copies run folders away while their trials train, so that another machine can go on with them."""

import queue
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from autoae.search.observer import Observer, SilentObserver
from autoae.store.depot import Depot, depot_for
from autoae.store.errors import StorageError

KEEP_SECONDS = 15.0
"""How often the folders of trials in training are copied, as far as they have changed."""


class Keeper(SilentObserver):
    """An observer that copies; a thread does so, for the coordinator must not wait for a network.

    What cannot be copied does not end a study: it is tried again, and told once.

    Args:
        depot: Where to, or None: nothing is copied.
        told: Is told what went wrong.
    """

    def __init__(self, depot: Depot | None, told: Observer) -> None:
        self._depot, self._told = depot, told
        self._ended: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._training = set[int]()
        self._problem = ""

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """Its folder is copied now and then."""
        del notation, costs
        if self._depot is not None:
            self._training.add(number)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """Its folder is copied, and then left alone."""
        del state, values, reason
        if number in self._training:
            self._ended.put(number)

    def fetch(self, numbers: Iterable[int]) -> None:
        """Bring the folder here of the first of some trials that has left one."""
        for number in numbers:
            if self._depot is None or self._fetched(self._depot, number):
                return

    def work(self, depot: Depot) -> None:
        """Copy until the run has ended, and everything once more then."""
        while True:
            try:
                ended = self._ended.get(timeout=KEEP_SECONDS)
            except queue.Empty:
                self._keep(depot, self._training.copy())
                continue
            if ended is None:
                break
            if self._keep(depot, {ended}):
                self._training.discard(ended)
        self._keep(depot, self._training.copy())

    def end(self) -> None:
        """Let the thread end when everything is copied."""
        self._ended.put(None)

    @property
    def problem(self) -> str:
        """What went wrong last; empty where nothing is missing."""
        return self._problem

    def _keep(self, depot: Depot, numbers: set[int]) -> bool:
        try:
            for number in sorted(numbers):
                depot.keep(number)
        except (StorageError, OSError) as error:
            self._problem = str(error)
            return False
        self._problem = ""
        return True

    def _fetched(self, depot: Depot, number: int) -> bool:
        try:
            return depot.fetch(number) > 0
        except (StorageError, OSError) as error:
            self._told.log(f"the files of trial {number} could not be fetched: {error}")
            return False


@contextmanager
def keeping(root: Path, study: str, told: Observer) -> Iterator[Keeper]:
    """Copy the run folders of a study to where AUTOAE_ARTIFACTS says, while the block runs it.

    Args:
        root: The directory of all run folders.
        study: The name of the study.
        told: Is told at the end, should files be missing there.

    Raises:
        StorageError: The bucket cannot be used.
    """
    depot = depot_for(root, study)
    keeper = Keeper(depot, told)
    if depot is None:
        yield keeper
        return
    thread = threading.Thread(target=keeper.work, args=(depot,), name="autoae-keeper", daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.end()
        thread.join()
        if keeper.problem:
            told.log(f"files of trials were not copied: {keeper.problem}")
