"""Workers that train nothing: they replay the learning curves of `front_table.jsonl`.

They live in virtual time, on a machine with a clock of its own. The time that its coordinator
really works passes there as well: meanwhile news waits, and workers wait for answers.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing import Pipe
from statistics import mean
from time import perf_counter

from front_table import Row

from autoae.search.launch import Worker, launch_process
from autoae.search.messages import Epoch, Finished, News, Started, Train
from autoae.search.pool import Died, Pool


@dataclass
class Clock:
    """The virtual time of one machine, and how much of it its coordinator has worked."""

    now: float = 0.0
    busy: float = 0.0

    def spend(self, seconds: float) -> None:
        """Let the coordinator work."""
        self.now += seconds
        self.busy += seconds


@dataclass
class Trained:
    """One training of a simulated worker."""

    order: Train
    row: Row
    scale: float
    epoch: int = 0
    stopped: bool = False
    waiting: bool = False


class Simulated(Pool):
    """Workers that replay curves.

    Args:
        size: How many.
        clock: Of their machine.
        curves: What they replay; the number of a trial says which.
        epoch_seconds: What an epoch takes on average.
    """

    def __init__(
        self, size: int, clock: Clock, curves: Sequence[Row], epoch_seconds: float
    ) -> None:
        super().__init__(size, Pipe(duplex=False)[0], launch_process)
        self.trained = 0.0
        self.epochs = 0
        self._clock, self._curves = clock, curves
        self._scale = epoch_seconds / mean(mean(row.seconds) for row in curves)
        self._idle = [Worker(index, _Nobody(index), _NO_PIPE) for index in range(size)]
        self._busy: dict[int, tuple[Worker, Trained]] = {}
        self._due: list[tuple[float, int, News]] = []
        self._order = count()
        self._worked = perf_counter()

    def start(self) -> None:
        """They are there."""
        self._worked = perf_counter()

    def resume(self) -> None:
        """What was worked since the last call was the work of another machine."""
        self._worked = perf_counter()

    def idle(self, *, ready: bool = False) -> Worker | None:
        """A worker without a trial; all are ready."""
        del ready
        return self._idle[-1] if self._idle else None

    def train(self, worker: Worker, orders: Sequence[Train]) -> None:
        """Begin with a trial; none are stacked."""
        (order,) = orders
        self._charge()
        self._idle.pop()
        row = self._curves[order.number % len(self._curves)]
        self._busy[order.number] = worker, Trained(order, row, self._scale)
        self._tell(0.0, Started(order.number, "L(16)", {"params": float(row.params)}, "cpu"))
        self._train_epoch(order.number)

    def answer(self, number: int, *, stop: bool) -> None:
        """Answer a worker that waits."""
        if number not in self._busy:
            return
        self._charge()
        trained = self._busy[number][1]
        trained.stopped = trained.stopped or stop
        if trained.waiting:
            trained.waiting = False
            self._go_on(number)

    def end(self, number: int) -> None:
        """Nobody hangs here, nor is anybody pruned by hand."""
        raise AssertionError(f"trial {number} cannot be ended")

    def kill(self) -> None:
        """There is nobody to kill."""

    def listen(self, seconds: float) -> Iterator[News | Died]:
        """What was told until now; waits for something where nothing was."""
        self._charge()
        first = self._due[0][0] if self._due else math.inf
        self._clock.now = max(self._clock.now, min(first, self._clock.now + seconds))
        # What is told while the coordinator works on this is listened to the next time.
        horizon = self._clock.now
        while self._due and self._due[0][0] <= horizon:
            news = heapq.heappop(self._due)[2]
            if isinstance(news, Finished):
                self._idle.append(self._busy.pop(news.number)[0])
            yield news
            self._charge()

    def _charge(self) -> None:
        """What the coordinator has worked since it was looked at last, passes."""
        now = perf_counter()
        self._clock.spend(now - self._worked)
        self._worked = now

    def _tell(self, after: float, news: News) -> None:
        heapq.heappush(self._due, (self._clock.now + after, next(self._order), news))

    def _train_epoch(self, number: int) -> None:
        """The epochs up to the next one that is answered, or to the end."""
        trained, after = self._busy[number][1], 0.0
        while True:
            row, order = trained.row, trained.order
            if trained.epoch == len(row.seconds):
                self._tell(after, _last(trained))
                return
            seconds = row.seconds[trained.epoch] * trained.scale
            trained.epoch, after = trained.epoch + 1, after + seconds
            self.trained += seconds
            self.epochs += 1
            trained.waiting = trained.epoch in order.rungs
            metrics = {"val_mse": row.val_mse[trained.epoch - 1], "samples_per_second": 1.0}
            self._tell(after, Epoch(number, trained.epoch, metrics, trained.waiting))
            if trained.waiting:
                return

    def _go_on(self, number: int) -> None:
        trained = self._busy[number][1]
        if trained.stopped:
            self._tell(0.0, _last(trained))
        else:
            self._train_epoch(number)


@dataclass(frozen=True)
class _Nobody:
    """Enough of a process for a lease."""

    pid: int
    exitcode: int | None = None
    sentinel: int = -1

    def join(self, timeout: float | None = None) -> None:
        """It has no end."""

    def kill(self) -> None:
        """It has no life."""


_NO_PIPE = Pipe()[0]


def _last(trained: Trained) -> Finished:
    values = trained.row.val_mse[: trained.epoch]
    best = min(range(len(values)), key=values.__getitem__)
    metrics = {"val_mse": values[best], "val_loss": values[best], "train_loss": values[best]}
    costs = {"seconds": sum(trained.row.seconds[: trained.epoch]) * trained.scale}
    number, epochs = trained.order.number, trained.epoch
    return Finished(number, best + 1, epochs, metrics, costs, trained.stopped)
