"""What a coordinator relies on, of workers that are processes and of actors of Ray."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import Pipe

import pytest

from autoae.search.errors import SearchError
from autoae.search.launch import Launch, launch_process
from autoae.search.messages import Epoch, Finished, News, Ready, Started
from autoae.search.pool import Died, Pool
from autoae.search.shares import Shares
from tests.search.test_worker import order

pytestmark = pytest.mark.slow
DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def launches() -> Iterator[Callable[[str], Launch]]:
    """Gives a launch by its name; a cluster is started once, when it is first asked for."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def launch(name: str) -> Launch:
            if name == "local":
                return launch_process
            pytest.importorskip("ray", reason="Ray is not installed (pip install 'autoae[ray]')")
            from autoae.search.cluster import connected

            return stack.enter_context(connected(Shares(), 1)).launch

        yield launch


class Heard:
    """Listens to a pool and keeps all that it says."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.all: list[News | Died] = []

    def until(self, kind: type[News | Died]) -> list[type]:
        """Listen until something of a kind is heard; the kinds since the last time."""
        since, deadline = len(self.all), time.monotonic() + DEADLINE_SECONDS
        while not any(isinstance(each, kind) for each in self.all[since:]):
            assert time.monotonic() < deadline, f"{kind} was never heard, only {self.all}"
            self.all += self.pool.listen(1.0)
        return [type(each) for each in self.all[since:]]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("name", ["local", "ray"])
def test_a_pool_trains_answers_ends_and_replaces(
    url: str, launches: Callable[[str], Launch], name: str
) -> None:
    alarm, _bell = Pipe(duplex=False)
    pool = Pool(1, alarm, launches(name))
    heard = Heard(pool)
    pool.start()
    try:
        assert heard.until(Ready) == [Ready]
        _waits_at_a_rung(heard, url)
        _is_told_to_stop(heard, url)
        _is_ended_and_replaced(heard, url)
    finally:
        pool.kill()
    if name == "ray":
        _refuses_what_has_no_room()


def _waits_at_a_rung(heard: Heard, url: str) -> None:
    worker = heard.pool.idle()
    assert worker is not None
    wanted = order(url, frozenset({2}))
    heard.pool.train(worker, [wanted])
    assert heard.pool.idle() is None
    said = heard.until(Epoch)
    while not (isinstance(last := heard.all[-1], Epoch) and last.waits):
        said += heard.until(Epoch)
    assert said == [Started, Epoch, Epoch]
    assert list(heard.pool.listen(0.2)) == []
    heard.pool.answer(7, stop=False)
    assert heard.until(Finished) == [Epoch, Finished]
    assert [line["epoch"] for line in wanted.folder.read_metrics()] == [1, 2, 3]
    assert wanted.folder.weights.exists()


def _is_told_to_stop(heard: Heard, url: str) -> None:
    worker = heard.pool.idle()
    assert worker is not None
    heard.pool.train(worker, [order(url)])
    # The order of what is told is kept: a stop that came before its trial would be lost.
    heard.pool.answer(7, stop=True)
    assert heard.until(Finished) == [Started, Epoch, Finished]


def _is_ended_and_replaced(heard: Heard, url: str) -> None:
    worker = heard.pool.idle()
    assert worker is not None
    wanted = order(url, frozenset({1}))
    heard.pool.train(worker, [replace(wanted, number=8)])
    heard.until(Epoch)
    heard.pool.end(8)
    heard.until(Died)
    died = heard.all[-1]
    assert isinstance(died, Died)
    assert died.trials == (8,)
    assert died.reason.startswith("worker ")
    assert heard.until(Ready) == [Ready]
    assert heard.pool.idle() is not None


def _refuses_what_has_no_room() -> None:
    from autoae.search.cluster import room

    with pytest.raises(SearchError, match=r"room for \d+ of 9999 workers with 1 CPUs and 0 GPUs"):
        room(Shares(), 9999)
    with pytest.raises(SearchError, match="room for 0 of a worker with 1 CPUs and 99 GPUs"):
        room(Shares(gpus=99), None)


@pytest.mark.parametrize(
    ("shares", "cpus", "gpus", "room"),
    [
        (Shares(), 16, 0, 16),
        (Shares(cpus=3), 16, 0, 5),
        (Shares(gpus=0.25), 16, 2, 8),
        (Shares(gpus=0.3), 16, 1, 3),
        (Shares(gpus=0.1), 16, 1, 10),
        (Shares(gpus=1), 16, 0, 0),
        (Shares(cpus=0, gpus=0.5), 1, 4, 8),
    ],
)
def test_room_of_a_node(shares: Shares, cpus: float, gpus: float, room: int) -> None:
    assert shares.room(cpus, gpus) == room


@pytest.mark.parametrize(("gpus", "sharing"), [(0, 1), (0.25, 4), (0.3, 3), (1, 1), (2, 1)])
def test_those_that_share_a_gpu_are_known(gpus: float, sharing: int) -> None:
    assert Shares(gpus=gpus).sharing == sharing
