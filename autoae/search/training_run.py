"""The trials of one order inside a worker, from the order to the last word about each."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from autoae.data.errors import DataError
from autoae.data.resident import ResidentData
from autoae.search.member_run import MemberRun, ShallStop, Tell
from autoae.search.messages import (
    CoordinatorGoneError,
    Failed,
    Finished,
    News,
    Refused,
    Said,
    Started,
    Train,
)
from autoae.search.reasons import reason_of, unwritten_of
from autoae.search.refusal import accepted
from autoae.search.shelf import Shelf
from autoae.spec.errors import SpecError, UserError
from autoae.spec.jigsaw import check_grid
from autoae.spec.stacking import shape_key
from autoae.training import Diverged, Training, fit
from autoae.training.devices import device_of, is_lost
from autoae.training.errors import is_out_of_memory
from autoae.training.measure import PeakMemory
from autoae.training.sharing import place_of, take_seat


class TrainingRun:
    """Trains what it is ordered: one trial, or several side by side.

    Args:
        orders: What to train, on the same images.
        shelf: Gives the data.
        tell: Tells the coordinator.
        shall_stop: Asks it.

    Attributes:
        device_lost: Whether nothing more can be trained by this process.
    """

    def __init__(
        self, orders: Sequence[Train], shelf: Shelf, tell: Tell, shall_stop: ShallStop
    ) -> None:
        self._open = {order.number: order for order in orders}
        self._shelf = shelf
        self._sent = tell
        self._shall_stop = shall_stop
        self.device_lost = False

    def run(self) -> None:
        """Train to the end; whatever happens is told, never raised, while somebody listens."""
        with self._told(list(self._open.values())):
            self._train()

    @contextmanager
    def _told(self, orders: Sequence[Train]) -> Iterator[None]:
        """Within, a failure is that of all these trials, but for those that have ended."""
        try:
            yield
        except CoordinatorGoneError:
            raise
        except Exception as error:
            for order in orders:
                if order.number in self._open:
                    self._fail(order, error)

    def _tell(self, news: News) -> None:
        if isinstance(news, Finished | Failed | Refused):
            self._open.pop(news.number)
        self._sent(news)

    def _train(self) -> None:
        orders = list(self._open.values())
        options = orders[0].configuration
        seat = orders[0].seat
        take_seat(device_of(options.device), seat.index, seat.workers)
        data = self._shelf.data(options.data, options.device)
        begun = {order.number: self._begun(order, data, len(orders)) for order in orders}
        runs = {number: run for number, run in begun.items() if run is not None}
        if runs:
            try:
                self._together(runs, data)
            finally:
                for run in runs.values():
                    run.close()

    def _begun(self, order: Train, data: ResidentData, together: int) -> MemberRun | None:
        """A trial before its first epoch here; None where it is refused or fails."""
        options = order.configuration
        image, classes = data.facts.shape, len(data.facts.classes)
        try:
            check_grid(options.loss, image)
            notation, costs = accepted(options.model, image, classes, order.limits)
        except SpecError as reason:
            self._tell(Refused(order.number, str(reason)))
            return None
        self._tell(Started(order.number, notation, costs, place_of(data.device)))
        with self._told([order]):
            return MemberRun(order, data, together, self._tell, self._shall_stop)
        return None

    def _together(self, runs: dict[int, MemberRun], data: ResidentData) -> None:
        members = [run.member for run in runs.values()]
        needs = [f"{each.parts} {shape_key(each.configuration)}" for each in members]
        memory = PeakMemory(members[0].device, needs)
        # On a GPU one training alone is a stack of one as well, whose steps are replayed.
        on_gpu = members[0].device.type == "cuda"
        training = Training(members, stacked=on_gpu or len(members) > 1)
        for number, run in runs.items():
            self._apart(number, run, partial(run.repeat, memory))
        for _ in _epochs(training, data):
            self._say(training)
            self._look_at(runs, memory)

    def _look_at(self, runs: dict[int, MemberRun], memory: PeakMemory) -> None:
        """After an epoch: all are told before the first answer is waited for."""
        trained = [number for number, run in runs.items() if self._apart(number, run, run.tell)]
        for number in trained:
            run = runs[number]
            self._apart(number, run, partial(run.decide, memory))
        for number, run in runs.items():
            if run.member.failure is not None and number in self._open:
                self._fail(self._open[number], run.member.failure)

    def _apart(self, number: int, run: MemberRun, step: Callable[[], object]) -> bool:
        """Whether there was something to do; where it fails, that trial ends and no other."""
        try:
            return bool(step())
        except CoordinatorGoneError:
            raise
        except Exception as error:
            run.member.stopped = True
            self._fail(self._open[number], error)
            return False

    def _say(self, training: Training) -> None:
        """Say what happened to the stacks."""
        while training.stacks is not None and training.stacks.notes:
            numbers = ", ".join(map(str, sorted(self._open)))
            trials = f"trials {numbers}" if len(self._open) > 1 else f"trial {numbers}"
            self._tell(Said(f"{trials}: {training.stacks.notes.pop(0)}"))

    def _fail(self, order: Train, error: Exception) -> None:
        if not isinstance(error, UserError):
            self.device_lost = self.device_lost or is_lost(device_of(order.configuration.device))
            with suppress(OSError):
                text = "".join(traceback.format_exception(error))
                order.folder.write_bytes(order.folder.error, text.encode())
        self._tell(
            Failed(
                order.number,
                reason_of(error),
                unwritten_of(error, order.folder.path),
                out_of_memory=is_out_of_memory(error),
                no_data=isinstance(error, DataError),
            )
        )


def _epochs(training: Training, data: ResidentData) -> Iterator[None]:
    """Train epoch by epoch until nobody runs; who diverges has its failure, the others go on."""
    fitting = fit(training, data)
    while training.running:
        try:
            next(fitting)
        except Diverged:
            fitting = fit(training, data)
        yield
