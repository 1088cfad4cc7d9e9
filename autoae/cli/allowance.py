"""What may be done beside a run: a small share of the CPU time that the run itself has used."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

LOOK_SECONDS = 60.0
"""How often to look for children: that reads the list of all processes, which takes 10 ms."""


class Allowance:
    """Counts what was spent, and says whether something more may be.

    Args:
        share: Of the CPU time of the process of the run and its children.
        guesses: CPU seconds that each kind of work takes, before it was done once.
        process: The number of that process; this one unless given.
    """

    def __init__(
        self, share: float, guesses: Mapping[str, float], process: int | None = None
    ) -> None:
        self.spent = 0.0
        self._share, self._costs = share, dict(guesses)
        self._process = psutil.Process(process)
        self._children = list[psutil.Process]()
        self._looked = -LOOK_SECONDS

    def permits(self, kind: str) -> bool:
        """Whether work of a kind, as long as it took last, stays within the share."""
        return self.spent + self._costs[kind] <= self._share * self.earned()

    @contextmanager
    def charged(self, kind: str) -> Iterator[None]:
        """Count the CPU time that this thread takes inside the block as work of a kind."""
        start = time.thread_time()
        try:
            yield
        finally:
            self._costs[kind] = time.thread_time() - start
            self.spent += self._costs[kind]

    def earned(self) -> float:
        """CPU seconds of the run, and of its children, those that have ended included."""
        start = time.thread_time()
        times = self._process.cpu_times()
        total: float = times.user + times.system + times.children_user + times.children_system
        for child in self._known_children():
            try:
                own = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += own.user + own.system
        self.spent += time.thread_time() - start
        return total

    def _known_children(self) -> list[psutil.Process]:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._children, self._looked = self._process.children(), time.monotonic()
        return self._children
