"""A worker knows neither Optuna nor a database, and does not outlive its coordinator."""

import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from autoae.search.launch import Worker, launch_process
from autoae.search.messages import (
    Answer,
    Epoch,
    Failed,
    Finished,
    News,
    Order,
    Ready,
    Refused,
    Seat,
    Started,
    Train,
    TrainStack,
)
from autoae.search.pool import Pool
from autoae.search.worker import serve
from autoae.spec.settings import Objective
from autoae.store.runs import RunFolder
from tests.search.support import launch_thread, tiny

TRAIN = """
import sys
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread
from autoae.search.messages import Finished, Train
from autoae.search.worker import serve
from autoae.spec.reading import study_from_text
from autoae.spec.settings import Objective
from autoae.store.runs import RunFolder

text = "data: {limit: 100}\\nmodel: {encoder: L(8)}\\ntraining: {epochs: 1}\\n"
configuration = study_from_text(text, name="x", source="x").configuration(lambda *_: None)
select = Objective(metric="val_mse", direction="minimize")
folder = RunFolder(Path(sys.argv[1]))
ours, theirs = Pipe()
Thread(target=serve, args=(theirs,), daemon=True).start()
ours.send(Train(0, configuration, folder, select, frozenset(), {}, frozenset({"latency_ms"})))
while not isinstance(news := ours.recv(), Finished):
    print(type(news).__name__, getattr(news, "reason", ""), file=sys.stderr)
print(sorted({"optuna", "sqlalchemy", "alembic", "torchvision", "typer"} & set(sys.modules)))
"""


def test_a_worker_imports_neither_optuna_nor_a_database(url: str) -> None:
    folder = url.removeprefix("sqlite:///").replace("studies.db", "run")
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, folder], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def order(url: str, rungs: frozenset[int] = frozenset(), **limits: float) -> Train:
    """Train three epochs."""
    spec = tiny(text="data: {limit: 100}\nmodel: {encoder: L(8)}\ntraining: {epochs: 3}\n")
    return Train(
        number=7,
        configuration=spec.configuration(lambda *_: None),
        folder=RunFolder(_folder(url)),
        select=Objective(metric="val_mse", direction="minimize"),
        rungs=rungs,
        limits=limits,
        costs=frozenset(),
    )


def _folder(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///")).parent / "run"


def test_it_waits_at_the_rungs_and_nowhere_else(url: str) -> None:
    worker = launch_thread(0)
    worker.tell(order(url, frozenset({2, 3})))
    kinds = [worker.connection.recv() for _ in range(4)]
    assert [type(news) for news in kinds] == [Ready, Started, Epoch, Epoch]
    assert [news.waits for news in kinds[2:]] == [False, True]
    assert not worker.connection.poll(0.2)
    worker.tell(Answer(6, stop=True))  # For a trial that is over.
    worker.tell(Answer(7, stop=False))
    last, end = worker.connection.recv(), worker.connection.recv()
    # After its last epoch there is nothing to wait for.
    assert (last.epoch, last.waits) == (3, False)
    assert isinstance(end, Finished)
    assert (end.epochs, end.stopped) == (3, False)
    worker.connection.close()


def test_a_worker_keeps_the_answers_for_the_others_of_a_stack(url: str) -> None:
    one = order(url, frozenset({1}))
    worker = launch_thread(0)
    worker.tell(TrainStack((_numbered(one, 1), _numbered(one, 2), _numbered(one, 3))))
    for number, stop in ((2, True), (3, False), (1, False)):
        worker.tell(Answer(number, stop))
    epochs, ends = Counter[int](), list[tuple[int, bool]]()
    while len(ends) < 3:
        news = worker.connection.recv()
        if isinstance(news, Epoch):
            epochs[news.number] += 1
        elif isinstance(news, Finished):
            ends.append((news.number, news.stopped))
    assert epochs == {1: 3, 2: 1, 3: 3}
    assert ends == [(2, True), (1, False), (3, False)]


def _numbered(order: Train, number: int) -> Train:
    return replace(order, number=number, folder=RunFolder(order.folder.path / str(number)))


def test_a_stop_arrives_with_the_next_epoch(url: str) -> None:
    worker = launch_thread(0)
    worker.tell(order(url))
    worker.tell(Answer(7, stop=True))
    *_, end = (worker.connection.recv() for _ in range(4))
    assert isinstance(end, Finished)
    assert (end.epochs, end.stopped) == (1, True)
    worker.connection.close()


def test_a_limit_is_checked_before_the_first_epoch(url: str) -> None:
    worker = launch_thread(0)
    worker.tell(order(url, params=10.0))
    _, end = worker.connection.recv(), worker.connection.recv()
    assert isinstance(end, Refused)
    assert not _folder(url).exists()
    worker.connection.close()


def test_it_leaves_when_its_coordinator_is_gone() -> None:
    worker = launch_process(0)
    assert isinstance(worker.connection.recv(), Ready)
    worker.connection.close()
    worker.process.join(30)
    assert worker.process.exitcode == 0


def test_a_pool_says_to_each_worker_where_it_sits(url: str) -> None:
    told = list[Train | TrainStack]()

    class Told(Worker):
        def tell(self, order: Order) -> None:
            assert isinstance(order, Train | TrainStack)
            told.append(order)

    def launch(index: int) -> Worker:
        return Told(index, launch_thread(index).process, Pipe()[0])

    pool = Pool(3, Pipe()[0], launch)
    pool.start()
    first = pool.idle()
    assert first is not None
    pool.train(first, [order(url)])
    second = pool.idle()
    assert second is not None
    pool.train(second, [order(url), order(url)])
    assert isinstance(told[0], Train)
    assert told[0].seat == Seat(0, 3)
    assert isinstance(told[1], TrainStack)
    assert [each.seat for each in told[1].trains] == [Seat(1, 3)] * 2


class Script:
    """A worker's end of a pipe: it reads some orders, and then nobody is there."""

    def __init__(self, *orders: Order) -> None:
        self.orders, self.said = list(orders), list[News]()

    def send(self, news: News, /) -> None:
        self.said.append(news)

    def recv(self) -> Order:
        if not self.orders:
            raise EOFError
        return self.orders.pop(0)

    def poll(self) -> bool:
        return bool(self.orders)


@pytest.mark.parametrize("lost", [True, False])
def test_a_worker_whose_device_is_lost_ends_and_any_other_goes_on(
    url: str, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr("autoae.search.training_run.fit", fails)
    monkeypatch.setattr("autoae.search.training_run.is_lost", lambda _: lost)
    line = Script(*(_numbered(order(url), number) for number in (1, 2)))
    with pytest.raises(SystemExit) if lost else nullcontext():
        serve(line)
    failed = [news.number for news in line.said if isinstance(news, Failed)]
    assert failed == ([1] if lost else [1, 2])
