"""A worker on another machine: it trains in a folder of its own and sends what it writes.

It knows no cluster: whatever calls `news` and `tell` may have started it.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import psutil

from autoae.search.errors import SearchError
from autoae.search.messages import Failed, Finished, News, Order, Refused, Train
from autoae.search.parcels import Delivery, Outbox, Parcel, Place, unpack
from autoae.search.worker import serve
from autoae.store.runs import RunFolder
from autoae.version import __version__


class Trainer:
    """Trains what it is told to.

    Args:
        version: That of the coordinator.
        directory: Where the coordinator runs: paths of a study file begin there.

    Raises:
        SearchError: This machine has another version of autoae.
    """

    def __init__(self, version: str, directory: str) -> None:
        if version != __version__:
            raise SearchError(
                f"{socket.gethostname()} has autoae {__version__} and the coordinator {version}"
            )
        with suppress(OSError):
            os.chdir(directory)
        _sweep()
        self._line = _Line()

    def tell(self, delivery: Delivery) -> None:
        """Take an order; it waits its turn."""
        self._line.orders.put(delivery)

    def news(self) -> Iterator[Place | Parcel]:
        """Where it is, and then everything that it has to tell, until the process ends.

        Raises:
            Exception: What has ended the worker.
        """
        yield Place(socket.gethostname(), os.getpid())
        Thread(target=self._serve, daemon=True).start()
        while not isinstance(parcel := self._line.parcels.get(), BaseException):
            yield parcel
        raise parcel

    def _serve(self) -> None:
        try:
            serve(self._line)
        except BaseException as error:
            self._line.parcels.put(error)
            raise


class _Line:
    """The worker's end of what is a pipe where both are on one machine."""

    def __init__(self) -> None:
        self.orders: SimpleQueue[Delivery] = SimpleQueue()
        self.parcels: SimpleQueue[Parcel | BaseException] = SimpleQueue()
        self._scratch: Path | None = None
        self._outbox: Outbox | None = None

    def poll(self) -> bool:
        return not self.orders.empty()

    def recv(self) -> Order:
        delivery = self.orders.get()
        order = delivery.order
        return self._unpacked(order, delivery) if isinstance(order, Train) else order

    def send(self, news: News) -> None:
        self.parcels.put(Parcel(news, self._outbox.changed() if self._outbox else ()))
        if isinstance(news, Finished | Failed | Refused) and self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _unpacked(self, order: Train, delivery: Delivery) -> Train:
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        folder = RunFolder(self._scratch / order.folder.path.name)
        self._outbox = Outbox(folder.path)
        if not order.earlier:
            return replace(order, folder=folder)
        # The one that has a checkpoint has come, whichever it was.
        earlier = RunFolder(self._scratch / "earlier")
        unpack(earlier, delivery.files)
        return replace(order, folder=folder, earlier=(earlier,))


_PREFIX = f"autoae-{socket.gethostname()}-"


def _sweep() -> None:
    """Delete what workers of this machine left that were killed in the middle of a trial."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
