"""Workers that are actors of a Ray cluster: the only module that knows Ray.

An actor sends its news as a stream. A thread of the coordinator keeps the files that come with
them and passes the news on through a pipe, so that a pool listens to actors as to processes.
"""

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from autoae.search.actor import Trainer
from autoae.search.errors import SearchError
from autoae.search.launch import Worker
from autoae.search.messages import Failed, Order, Seat, Train
from autoae.search.parcels import Delivery, Parcel, Place, kept_of, unpack
from autoae.search.reasons import reason_of, unwritten_of
from autoae.search.shares import Shares
from autoae.version import __version__

PROBE_SECONDS = 5
"""How long the head of a cluster may take to answer: Ray itself waits for minutes, then aborts."""
_ORDERS, _NEWS = "orders", "news"


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process is connected to.

    Attributes:
        shares: What each worker asks of it.
        room: How many workers it has room for, while nobody else uses it.
    """

    shares: Shares
    room: int

    def launch(self, index: int) -> Worker:
        """Start an actor, wherever there is room for it, now or later."""
        return _start(index, self.shares)


@contextmanager
def connected(shares: Shares, workers: int | None) -> Iterator[Cluster]:
    """Connect to a cluster, or start one on this machine, while the block runs.

    Args:
        shares: What each worker asks of it.
        workers: How many there shall be; as many as it has room for unless given.

    Raises:
        SearchError: Ray is not installed, the cluster does not answer or has too little room.
    """
    if find_spec("ray") is None:
        raise SearchError(
            "--launcher ray needs the package ray, which is not installed",
            hint="pip install 'autoae[ray]', on every machine of the cluster",
        )
    # A study tool that works offline tells nobody that it is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    _connect(shares.address or os.environ.get("RAY_ADDRESS") or "local")
    try:
        yield Cluster(shares, room(shares, workers))
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    import ray

    try:
        _probe(address)
        _quiet()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    # So different are the ways in which Ray says that it cannot.
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SearchError(
            f"the Ray cluster {address} cannot be reached: {reason}",
            hint="`ray status` on this machine, which must be one of the cluster, shows whether "
            "it runs",
        ) from error


def _quiet() -> None:
    """Keep Ray from printing that an actor has died: stdout is for answers, and a run tells it."""
    from ray._private import worker

    worker.print_to_stdstream = lambda *_words, **_options: None


def _probe(address: str) -> None:
    if address in ("auto", "local"):
        return
    if "://" in address:
        raise ValueError("a coordinator runs on a machine of the cluster; write auto or HOST:PORT")
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("write auto or HOST:PORT")
    socket.create_connection((host, int(port)), PROBE_SECONDS).close()


def room(shares: Shares, workers: int | None) -> int:
    """How many workers the cluster has room for, while nobody else uses it.

    Args:
        shares: What each worker asks of it.
        workers: How many there shall be; one at least unless given.

    Raises:
        SearchError: It has too little room.
    """
    import ray

    known: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    nodes = [node["Resources"] for node in known if node["Alive"]]
    found = sum(shares.room(node.get("CPU", 0.0), node.get("GPU", 0.0)) for node in nodes)
    if found < (workers or 1):
        several = workers is not None and workers > 1
        wanted, each = (f"{workers} workers", " each") if several else ("a worker", "")
        share = f"{shares.cpus:g} CPUs and {shares.gpus:g} GPUs{each}"
        raise SearchError(
            f"the Ray cluster has room for {found} of {wanted} with {share}: {_have(nodes)}",
            hint="ask for fewer with --workers, --cpus-per-worker or --gpus-per-worker",
        )
    return found


def _have(nodes: list[Mapping[str, float]]) -> str:
    each = (f"{node.get('CPU', 0):g} CPUs, {node.get('GPU', 0):g} GPUs" for node in nodes)
    return "its nodes have " + "; ".join(each)


def _start(index: int, shares: Shares) -> Worker:
    import ray

    # Orders are taken one after the other while the news are given: a group of one thread each.
    options: dict[str, Any] = {
        "num_cpus": shares.cpus,
        "num_gpus": shares.gpus,
        "max_restarts": 0,
        "concurrency_groups": {_ORDERS: 1, _NEWS: 1},
    }
    trainer: Any = ray.remote(**options)
    ours, theirs = Pipe()
    actor = _Actor(trainer(Trainer).remote(__version__, str(Path.cwd())), theirs)
    return _ActorWorker(index, actor, ours, sharing=shares.sharing)


@dataclass
class _ActorWorker(Worker):
    """A worker that is an actor: `process` is one. The files of one trial travel with its news."""

    sharing: int = 1
    """How many actors Ray lets share a GPU; each sees the one that Ray has given it."""
    stacks: ClassVar[bool] = False

    @property
    def _actor(self) -> "_Actor":
        assert isinstance(self.process, _Actor)
        return self.process

    @property
    def node(self) -> str:
        """The machine that it is on; empty where that is the coordinator's."""
        host = self._actor.place.host
        return "" if host == socket.gethostname() else host

    @property
    def idle(self) -> bool:
        """Whether it may be given a trial: it may wait for room in the cluster for ever."""
        return self.ready and not self.trials

    @property
    def ending(self) -> str:
        """How it has ended."""
        return self._actor.ending

    def seat(self, workers: int) -> Seat:
        """Its place among those that share its GPU, wherever the others are."""
        del workers
        return Seat(workers=self.sharing)

    def tell(self, order: Order) -> None:
        """Give it an order; one that has died is noticed when it is listened to."""
        self._actor.tell(order)


class _Actor:
    """Enough of a process for the pool.

    Args:
        handle: Of the actor.
        pipe: Where its news go; closed when it has ended.
    """

    def __init__(self, handle: Any, pipe: Connection) -> None:  # noqa: ANN401 - Ray makes it
        self.place = Place("", 0)
        self.ending = "worker ended"
        self._handle = handle
        self._pipe = pipe
        self._order: Train | None = None
        self._gone, self._bell = Pipe(duplex=False)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Of its process, on its machine; 0 before that is known."""
        return self.place.pid

    @property
    def exitcode(self) -> int | None:
        """None while it lives; Ray knows no codes."""
        return None if self._listener.is_alive() else 1

    @property
    def sentinel(self) -> int:
        """Becomes ready when it ends."""
        return self._gone.fileno()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""
        self._listener.join(timeout)

    def kill(self) -> None:
        """End it at once, also where it waits for room."""
        import ray

        ray.kill(self._handle)

    def tell(self, order: Order) -> None:
        """Send an order, and what it needs that its machine may lack."""
        delivery = Delivery(order)
        if isinstance(order, Train):
            self._order, delivery = order, Delivery(order, kept_of(order.earlier))
        self._handle.tell.options(concurrency_group=_ORDERS).remote(delivery)

    def _listen(self) -> None:
        try:
            self._pass_on()
        except OSError as error:
            self.ending = f"worker ended: {error}"
        except Exception as error:
            self.ending = _ending(error, self.place.host)
        finally:
            # Whoever listens kills it, whether it has died or is merely out of reach.
            self._pipe.close()
            self._bell.close()

    def _pass_on(self) -> None:
        import ray

        news = self._handle.news.options(num_returns="streaming", concurrency_group=_NEWS)
        for reference in news.remote():
            said = ray.get(reference)
            if isinstance(said, Place):
                self.place = said
            else:
                self._keep(said)
                self._pipe.send(said.news)

    def _keep(self, parcel: Parcel) -> None:
        """Write the files of the trial before anybody hears the news that they belong to."""
        if not parcel.files:
            return
        assert self._order is not None
        try:
            unpack(self._order.folder, parcel.files)
        except OSError as error:
            folder = self._order.folder.path
            failed = Failed(self._order.number, reason_of(error), unwritten_of(error, folder))
            self._pipe.send(failed)
            raise


def _ending(error: Exception, host: str) -> str:
    """How an actor has ended, in few words; Ray uses many."""
    from ray.exceptions import ActorUnavailableError

    text, where = str(error).strip(), f" on {host}" if host else ""
    if isinstance(error, ActorUnavailableError) or "its node has died" in text:
        return f"worker{where} was lost with its node"
    if "killed by `ray.kill`" in text:
        return f"worker{where} was ended"
    if "worker process has died" in text:
        return f"worker{where} died, likely out of memory or killed"
    return f"worker{where} ended: " + text.splitlines()[-1]
