"""One trial inside a worker, from the order to the last word about it."""

import errno
import traceback
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import partial
from math import nan

from autoae.search.errors import SearchError
from autoae.search.messages import (
    CoordinatorGoneError,
    Epoch,
    Failed,
    Finished,
    News,
    Refused,
    Resumed,
    Started,
    Train,
)
from autoae.search.refusal import accepted
from autoae.search.results import Results
from autoae.search.resuming import go_on
from autoae.search.shelf import Shelf
from autoae.spec.errors import SpecError, UserError
from autoae.spec.jigsaw import check_grid
from autoae.store.runs import Line
from autoae.training import EpochReport, Member, MemberId, Selection, Training, fit
from autoae.training.errors import is_out_of_memory
from autoae.training.measure import PeakMemory, costs_after

Tell = Callable[[News], None]
ShallStop = Callable[[int, bool], bool]
"""Asks whether to stop a trial (its number), and whether to wait until that is known."""

Fitting = Generator[EpochReport, frozenset[MemberId], None]

LATENCIES = frozenset({"latency_ms", "latency_batch_ms"})


class TrainingRun:
    """Trains what an order says.

    Args:
        order: What to train.
        shelf: Gives the data.
        tell: Tells the coordinator.
        shall_stop: Asks it.
    """

    def __init__(self, order: Train, shelf: Shelf, tell: Tell, shall_stop: ShallStop) -> None:
        self._order = order
        self._shelf = shelf
        self._tell = tell
        self._shall_stop = shall_stop

    def run(self) -> None:
        """Train to the end; whatever happens is told, never raised, while somebody listens."""
        try:
            self._train()
        except CoordinatorGoneError:
            raise
        except OSError as error:
            self._fail(error, disk_full=error.errno == errno.ENOSPC)
        except Exception as error:
            self._fail(error)

    def _train(self) -> None:
        order = self._order
        options = order.configuration
        data = self._shelf.data(options.data, options.device)
        image, classes = data.facts.shape, len(data.facts.classes)
        try:
            check_grid(options.loss, image)
            notation, costs = accepted(options.model, image, classes, order.limits)
        except SpecError as reason:
            self._tell(Refused(order.number, str(reason)))
            return
        self._tell(Started(order.number, notation, costs, str(data.device)))
        select = Selection(order.select.metric, order.select.direction)
        training, done = self._begin(
            partial(Training.create, [options], data, select=select, parts=order.parts)
        )
        memory = PeakMemory(training.member(0).device)
        files = Results(order.folder, training, data, tensorboard=order.tensorboard)
        with closing(files) as results:
            results.begin()
            stopped = self._repeat(done, training) or self._epochs(fit(training, data), results)
            if not stopped:
                results.end()
        self._tell(self._finished(training.member(0), memory, stopped=stopped))

    def _begin(self, create: Callable[[], Training]) -> tuple[Training, list[Line]]:
        """The training, and the epochs that a trial that this one repeats has trained already."""
        order, training = self._order, create()
        if not order.earlier:
            return training, []
        try:
            done = go_on(training, order.earlier, order.folder)
        except SearchError as problem:
            self._tell(Resumed(order.number, 0, problem.message))
            return create(), []
        self._tell(Resumed(order.number, len(done)))
        return training, done

    def _repeat(self, done: list[Line], training: Training) -> bool:
        """Tell of the epochs that are trained already; says whether to stop after the last one.

        Only after the last one is waited at a rung: at those before, the trial was let go on.
        """
        if not done:
            return False
        for line in done[:-1]:
            self._tell(Epoch(self._order.number, int(line["epoch"] or 0), _numbers(line), False))
        over = frozenset[MemberId]() if training.running else frozenset({0})
        return self._stop_after(EpochReport(training.epoch, {0: _numbers(done[-1])}, over))

    def _epochs(self, fitting: Fitting, results: Results) -> bool:
        """Train every epoch; says whether the coordinator stopped it."""
        told_to_stop = False
        with suppress(StopIteration):
            report = next(fitting)
            while True:
                results.epoch()
                told_to_stop = self._stop_after(report)
                if told_to_stop:
                    results.stop()
                report = fitting.send(frozenset({0} if told_to_stop else ()))
        return told_to_stop

    def _stop_after(self, report: EpochReport) -> bool:
        number = self._order.number
        last = 0 in report.stopped or report.epoch == self._order.configuration.training.epochs
        waits = report.epoch in self._order.rungs and not last
        self._tell(Epoch(number, report.epoch, dict(report.metrics[0]), waits))
        return not last and self._shall_stop(number, waits)

    def _finished(self, member: Member, memory: PeakMemory, *, stopped: bool) -> Finished:
        timed = not stopped and bool(self._order.costs & LATENCIES)
        return Finished(
            number=self._order.number,
            epoch=member.best_epoch,
            epochs=member.epoch,
            metrics=dict(member.best_metrics),
            costs=costs_after(member, memory, timed=timed),
            stopped=stopped,
        )

    def _fail(self, error: Exception, *, disk_full: bool = False) -> None:
        if not isinstance(error, UserError):
            with suppress(OSError):
                text = "".join(traceback.format_exception(error))
                self._order.folder.write_bytes(self._order.folder.error, text.encode())
        memory = is_out_of_memory(error)
        self._tell(Failed(self._order.number, reason_of(error), disk_full, memory))


def _numbers(line: Line) -> dict[str, float]:
    """The metrics of an epoch as they were before they were written."""
    known = ((name, value) for name, value in line.items() if name != "epoch")
    return {name: nan if value is None else value for name, value in known}


def reason_of(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, UserError):
        return error.message
    line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
