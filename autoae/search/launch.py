"""How a worker comes to be: a process of this machine.

Whatever else may train (a thread, an actor of a cluster) is another `Launch`.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import ClassVar, Protocol

from autoae.search.messages import Order, Seat
from autoae.search.worker import work


class Process(Protocol):
    """What a coordinator needs to know of a process; `multiprocessing` has such ones."""

    @property
    def pid(self) -> int | None:
        """Its number."""

    @property
    def exitcode(self) -> int | None:
        """How it ended, minus the signal that killed it; None while it lives."""

    @property
    def sentinel(self) -> int:
        """Becomes ready for `multiprocessing.connection.wait` when it ends."""
        ...

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""

    def kill(self) -> None:
        """End it at once."""


@dataclass
class Worker:
    """One worker process.

    Attributes:
        index: Its place, kept by the process that replaces it.
        process: The process.
        connection: Our end of its pipe.
        trials: The numbers of the trials that it trains.
        ready: Whether it has loaded torch.
        device: The kind of device that it trains on by default; empty before it is ready.
    """

    index: int
    process: Process
    connection: Connection
    trials: set[int] = field(default_factory=set)
    ready: bool = False
    device: str = ""
    stacks: ClassVar[bool] = True
    """Whether it can train several trials side by side."""

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self.process.pid is not None
        return self.process.pid

    @property
    def node(self) -> str:
        """The machine that it is on; empty where that is the coordinator's."""
        return ""

    @property
    def idle(self) -> bool:
        """Whether it may be given a trial: in a pipe an order waits until torch is loaded."""
        return not self.trials

    @property
    def ending(self) -> str:
        """How its process has ended."""
        code = self.process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            # A system that runs out of memory sends it to the process that has most.
            return f"worker killed by {name}{', likely out of memory' if name == 'SIGKILL' else ''}"
        return f"worker ended with exit code {code}"

    def seat(self, workers: int) -> Seat:
        """Its place among so many workers, which share the GPUs of this machine."""
        return Seat(self.index, workers)

    def tell(self, order: Order) -> None:
        """Give it an order; one that has died is noticed when it is listened to."""
        with suppress(OSError):
            self.connection.send(order)


Launch = Callable[[int], Worker]
"""Starts the worker of a place among the others, from 0."""


def launch_process(index: int) -> Worker:
    """Start a process that imports what it needs anew and inherits nothing but its pipe."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=work, args=(theirs,), name=f"autoae-worker-{index}", daemon=True
    )
    with _deaf_to_interrupts():
        process.start()
    # With our copy of its end closed, its death closes the pipe.
    theirs.close()
    return Worker(index, process, ours)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: a process that is born now ignores it from the start."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
