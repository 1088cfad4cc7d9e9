"""Work that must not hold up the keys: one thread that runs the newest job and tells of it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Protocol

from textual.message import Message


@dataclass(frozen=True)
class Job:
    """Something to do.

    Attributes:
        topic: What it is about; a newer job of any topic takes the place of one that waits.
        run: Does it, in the thread.
    """

    topic: object
    run: Callable[[], object]


class Finished(Message):
    """A job has ended.

    Attributes:
        worker: The name of the thread.
        topic: Of the job.
        result: What it gave, or the exception that it raised.
    """

    def __init__(self, worker: str, topic: object, result: object) -> None:
        super().__init__()
        self.worker, self.topic, self.result = worker, topic, result

    def can_replace(self, message: Message) -> bool:
        """A backlog collapses into the newest."""
        return (
            isinstance(message, Finished)
            and (message.worker, message.topic) == (self.worker, self.topic)
            and not isinstance(message.result, Exception)
        )


class Listener(Protocol):
    """Who is told; `post_message` may be called from any thread."""

    def post_message(self, message: Message) -> bool:
        """Take a message."""


class Background:
    """A thread that runs the newest job.

    Jobs coalesce: while one runs, only the newest of those that came meanwhile is kept. A timer
    that starts a thread each time would pile them up, for a thread cannot be cancelled.

    Args:
        name: Of the thread.
        listener: Is told of every job that has ended.
    """

    def __init__(self, name: str, listener: Listener) -> None:
        self._name, self._listener = name, listener
        self._next: Job | None = None
        self._lock, self._wake, self._ended = Lock(), Event(), False
        self._thread = Thread(target=self._loop, name=f"monitor-{name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Run a job as soon as the present one has ended."""
        with self._lock:
            self._next = job
        self._wake.set()

    def end(self) -> None:
        """Run no further job; the thread of the present one ends with it."""
        self._ended = True
        self._wake.set()

    def _loop(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._ended:
                return
            with self._lock:
                job, self._next = self._next, None
            if job is not None:
                self._listener.post_message(Finished(self._name, job.topic, _done(job)))


def _done(job: Job) -> object:
    try:
        return job.run()
    except Exception as error:
        return error
