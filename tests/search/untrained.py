"""Workers that train nothing: they die, or never end.

A process that becomes one imports what this file does, and so neither Optuna nor torch.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection

from autoae.search.launch import Launch, Worker
from autoae.search.messages import Epoch, Ready, Started, Train


def launches(target: Callable[[Connection], None]) -> Launch:
    """Starts a process for each worker."""

    def start(index: int) -> Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=target, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return Worker(index, process, ours)

    return start


def dies_at_once(connection: Connection) -> None:
    """A worker that cannot even begin."""
    sys.exit(3)


def dies_in_training(connection: Connection) -> None:
    """A worker that is killed, as by a system without memory, while it trains."""
    connection.send(Ready())
    order = connection.recv()
    assert isinstance(order, Train)
    connection.send(Started(order.number, "L(8)", {"params": 1.0}))
    connection.send(Epoch(order.number, 1, {"val_accuracy": 0.5}, waits=False))
    os.kill(os.getpid(), signal.SIGKILL)


def trains_for_ever(connection: Connection) -> None:
    """A worker whose first epoch never ends; the trial after it is quick."""
    connection.send(Ready())
    order = connection.recv()
    assert isinstance(order, Train)
    connection.send(Started(order.number, "L(8)", {"params": 1.0}))
    if order.number:
        connection.send(Epoch(order.number, 1, {"val_accuracy": 0.5}, waits=False))
    connection.recv()
    time.sleep(3600)
