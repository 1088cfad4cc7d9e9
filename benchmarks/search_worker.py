"""A worker that trains nothing: it has all to say of a trial at once, or an epoch now and then.

What a run costs then is what the search layer costs: the coordinator, its pipes, the sampler, the
pruner and the database.
"""

from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter, sleep

from autoae.search.launch import Launch, Worker
from autoae.search.messages import Answer, Epoch, Finished, Order, Ready, Started, Train

WAITED, ANSWERED = "waited", "answered"
"""Metrics that only this worker has: seconds for which it waited for a trial, and at a rung."""

COSTS = {"params": 8505.0, "flops": 32256.0, "latent_ratio": 0.72}
LATER_COSTS = {"seconds": 3.0, "memory_mb": 800.0, "latency_ms": 0.2, "latency_batch_ms": 1.1}
# As many figures an epoch as a hybrid has.
METRICS = {
    **{f"train_{name}": 0.5 for name in ("loss", "task", "reconstruction", "penalty", "accuracy")},
    **{f"val_{name}": 0.5 for name in ("loss", "task", "reconstruction", "mse", "bce")},
    "val_bce_excess": 0.1,
    "val_psnr": 9.0,
    "gradient_norm": 0.3,
    "samples_per_second": 20_000.0,
}


def quality(number: int, epoch: int) -> float:
    """Better than every trial before it, so that no pruner ends it and each has all its epochs."""
    return 1 - (1 - epoch / 1000) / (number + 2)


def launch(pace: float = 0.0) -> Launch:
    """Starts such workers.

    Args:
        pace: Seconds an epoch.
    """

    def start(index: int) -> Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, pace), daemon=True)
        process.start()
        theirs.close()
        return Worker(index, process, ours)

    return start


def work(connection: Connection, pace: float) -> None:
    """Answer every order until the pipe closes."""
    with suppress(EOFError, OSError):
        connection.send(Ready())
        order, waited = _train_order(connection), 0.0
        while True:
            _pretend(connection, order, pace, waited)
            since = perf_counter()
            order = _train_order(connection)
            waited = perf_counter() - since


def _train_order(connection: Connection) -> Train:
    orders: Iterator[Order] = iter(connection.recv, None)
    return next(order for order in orders if isinstance(order, Train))


def _pretend(connection: Connection, order: Train, pace: float, waited: float) -> None:
    number, epochs = order.number, order.configuration.training.epochs
    connection.send(Started(number, "S(8) > S(8) > L'(46) | L(64) > L'(10)", COSTS, "cpu"))
    told, stop, epoch = {WAITED: waited}, False, 0
    while epoch < epochs and not stop:
        sleep(pace)
        epoch += 1
        waits = epoch in order.rungs and epoch < epochs
        metrics = {**METRICS, "val_accuracy": quality(number, epoch)}
        since = perf_counter()
        connection.send(Epoch(number, epoch, {**metrics, **told}, waits))
        stop = waits and _told_to_stop(connection)
        told = {ANSWERED: perf_counter() - since} if waits else {}
    connection.send(Finished(number, epoch, epoch, metrics, LATER_COSTS, stop))


def _told_to_stop(connection: Connection) -> bool:
    answer: Order = connection.recv()
    assert isinstance(answer, Answer)
    return answer.stop
