"""The worker processes of a coordinator: started, given orders, listened to, replaced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from multiprocessing.connection import Connection, wait

from autoae.search.errors import SearchError
from autoae.search.launch import Launch, Worker
from autoae.search.messages import (
    Answer,
    Failed,
    Finished,
    News,
    Ready,
    Refused,
    Train,
    TrainStack,
)

END_SECONDS = 10
"""How long a worker may take to end after its pipe has broken."""
STILLBORN = 3
"""After so many workers that ended before they were ready, no other is started."""
MOST_NEWS = 100
"""Of one worker at a time: one that trains faster than it is listened to must not keep the
coordinator from giving signs of life, obeying requests and asking for trials."""


@dataclass(frozen=True)
class Died:
    """A worker process has ended without being asked to.

    Attributes:
        trials: What it trained.
        reason: How it ended, such as `worker killed by SIGKILL`.
    """

    trials: tuple[int, ...]
    reason: str


@dataclass
class Pool:
    """The workers.

    Attributes:
        size: How many.
        alarm: Something else whose readiness ends the waiting.
        launch: Starts one.
    """

    size: int
    alarm: Connection
    launch: Launch
    _workers: list[Worker] = field(default_factory=list)
    _stillborn: int = 0

    def start(self) -> None:
        """Start every process; orders wait in the pipes until torch is loaded."""
        self._workers = [self.launch(index) for index in range(self.size)]

    def idle(self, *, ready: bool = False) -> Worker | None:
        """A worker without a trial, or one that has loaded torch as well."""
        free = (worker for worker in self._workers if worker.idle)
        return next((worker for worker in free if worker.ready or not ready), None)

    def train(self, worker: Worker, orders: Sequence[Train]) -> None:
        """Give a worker a trial, or several to train side by side."""
        worker.trials = {order.number for order in orders}
        seated = tuple(replace(order, seat=worker.seat(self.size)) for order in orders)
        worker.tell(seated[0] if len(seated) == 1 else TrainStack(seated))

    def answer(self, number: int, *, stop: bool) -> None:
        """Answer the worker of a trial."""
        for worker in self._workers:
            if number in worker.trials:
                worker.tell(Answer(number, stop))

    def alone(self, number: int) -> bool:
        """Whether no other trial is trained by the process that trains this one."""
        return any(worker.trials == {number} for worker in self._workers)

    def end(self, number: int) -> None:
        """End the process that trains a trial; that it has died is heard of it as of any other.

        One that has not begun yet is left to hear its answer.
        """
        for worker in self._workers:
            if number in worker.trials and worker.ready:
                worker.process.kill()

    def listen(self, seconds: float) -> Iterator[News | Died]:
        """Wait for news of the workers and give all of it, the dead ones' last words first.

        Args:
            seconds: How long to wait at most.

        Raises:
            SearchError: One worker after the other ends before it is ready.
        """
        wait([self.alarm, *self._waitables()], timeout=seconds)
        for place, worker in enumerate(self._workers):
            # Asked before its pipe is read: what it said before it died is read then.
            dead = worker.process.exitcode is not None
            yield from self._news(worker, None if dead else MOST_NEWS)
            if dead or worker.connection.closed:
                yield self._replace(place)

    def kill(self) -> None:
        """End every process; an idle one has nothing to lose, and torch takes a second to leave."""
        for worker in self._workers:
            worker.process.kill()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join()
        self._workers = []

    def _waitables(self) -> list[Connection | int]:
        pipes = [worker.connection for worker in self._workers]
        return [*pipes, *(worker.process.sentinel for worker in self._workers)]

    def _news(self, worker: Worker, most: int | None) -> Iterator[News]:
        try:
            for _ in islice(count(), most):
                if not worker.connection.poll():
                    return
                news: News = worker.connection.recv()
                self._note(worker, news)
                yield news
        except (EOFError, OSError):
            # A pipe breaks a moment before its process is seen to have ended.
            worker.connection.close()

    def _note(self, worker: Worker, news: News) -> None:
        if isinstance(news, Ready):
            worker.ready, worker.device, self._stillborn = True, news.device, 0
        elif isinstance(news, Finished | Failed | Refused):
            worker.trials.discard(news.number)

    def _replace(self, place: int) -> Died:
        worker = self._workers[place]
        worker.process.join(END_SECONDS)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()
        reason = worker.ending
        self._stillborn += not worker.ready
        if self._stillborn >= STILLBORN:
            raise SearchError(f"workers end before they can begin: {reason}", hint=_HINT)
        self._workers[place] = self.launch(worker.index)
        return Died(tuple(sorted(worker.trials)), reason)


_HINT = "look at what the worker wrote above, and try `autoae doctor`"
