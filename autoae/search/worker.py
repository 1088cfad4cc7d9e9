"""A worker process: it imports torch once, keeps the data, and trains what it is given.

It knows neither Optuna nor a database. When its coordinator is gone, so is it.
"""

import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Protocol

from autoae.search.interrupts import SIGNALS
from autoae.search.messages import Answer, CoordinatorGoneError, News, Order, Ready, Train


class Line(Protocol):
    """The worker's end of what it speaks through; `multiprocessing` has such connections."""

    def send(self, news: News, /) -> None:
        """Say something."""

    def recv(self) -> Order:
        """Wait for an order."""
        ...

    def poll(self) -> bool:
        """Whether an order has come."""
        ...


def work(connection: Connection) -> None:
    """The whole life of a worker process."""
    # A terminal and a batch system signal all processes: what that means is the coordinator's
    # decision.
    for name in SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    serve(connection)


def serve(connection: Line) -> None:
    """Train what comes over the line until it closes."""
    with suppress(CoordinatorGoneError):
        _Worker(connection).work()


class _Worker:
    def __init__(self, connection: Line) -> None:
        import torch

        from autoae.search.shelf import Shelf

        if "OMP_NUM_THREADS" not in os.environ:
            # Processes of one thread each train more trials an hour than fewer with many.
            torch.set_num_threads(1)
        self._connection = connection
        self._shelf = Shelf()
        self._answers: dict[int, bool] = {}

    def work(self) -> None:
        from autoae.search.training_run import TrainingRun
        from autoae.training.devices import device_of

        self._tell(Ready(device_of("auto").type))
        while True:
            order = self._next()
            # A late answer for a trial that has ended is nobody's any more.
            if not isinstance(order, Answer):
                self._answers.clear()
                orders = (order,) if isinstance(order, Train) else order.trains
                run = TrainingRun(orders, self._shelf, self._tell, self._shall_stop)
                run.run()
                if run.device_lost:
                    raise SystemExit("the device refuses everything: the worker is replaced")

    def _tell(self, news: News) -> None:
        try:
            self._connection.send(news)
        except OSError as error:
            raise CoordinatorGoneError from error

    def _next(self) -> Order:
        try:
            order: Order = self._connection.recv()
        except (EOFError, OSError) as error:
            raise CoordinatorGoneError from error
        return order

    def _shall_stop(self, number: int, waits: bool) -> bool:
        """What it hears meanwhile of the other trials of a stack is kept for their turn."""
        while number not in self._answers and (waits or self._connection.poll()):
            order = self._next()
            assert isinstance(order, Answer), "a worker that trains is given nothing to train"
            self._answers[order.number] = order.stop
        return self._answers.pop(number, False)
