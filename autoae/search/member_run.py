"""One trial in training, inside a worker: what is told of it, and what it leaves."""

from collections.abc import Callable
from math import nan

from autoae.data.resident import ResidentData
from autoae.search.errors import SearchError
from autoae.search.messages import Epoch, Finished, News, Resumed, Said, Train
from autoae.search.results import Results
from autoae.search.resuming import go_on
from autoae.store.runs import Line
from autoae.training import Member, Selection, Training
from autoae.training.measure import PeakMemory, costs_after
from autoae.training.memory import parts_that_fit

Tell = Callable[[News], None]
ShallStop = Callable[[int, bool], bool]
"""Asks whether to stop a trial (its number), and whether to wait until that is known."""

LATENCIES = frozenset({"latency_ms", "latency_batch_ms"})


class MemberRun:
    """A trial from its order to the last word about it.

    Args:
        order: What to train.
        data: On what.
        together: How many are trained side by side.
        tell: Tells the coordinator.
        shall_stop: Asks it.

    Attributes:
        member: Its place is in a training of this trial alone, or of several.
    """

    def __init__(
        self, order: Train, data: ResidentData, together: int, tell: Tell, shall_stop: ShallStop
    ) -> None:
        self._order, self._data = order, data
        self._tell, self._shall_stop = tell, shall_stop
        training, self._done = self._begin()
        self.member: Member = training.member(0)
        self._told = self.member.epoch
        self._results = Results(
            order.folder, training, data, tensorboard=order.tensorboard, together=together
        )
        self._results.begin()

    def _begin(self) -> tuple[Training, list[Line]]:
        """The training, and the epochs that a trial that this one repeats has trained already."""
        order, training = self._order, self._created()
        if not order.earlier:
            return training, []
        try:
            done = go_on(training, order.earlier, order.folder)
        except SearchError as problem:
            self._tell(Resumed(order.number, 0, problem.message))
            return self._created(), []
        self._tell(Resumed(order.number, len(done)))
        return training, done

    def _created(self) -> Training:
        order = self._order
        select = Selection(order.select.metric, order.select.direction)
        parts = max(order.parts, self._parts())
        return Training.create([order.configuration], self._data, select=select, parts=parts)

    def _parts(self) -> int:
        """In how many parts batches have to pass where memory is too small, by estimate."""
        facts, options = self._data.facts, self._order.configuration
        parts = parts_that_fit(options, facts.shape, len(facts.classes), self._data.device)
        if parts > self._order.parts:
            number = self._order.number
            self._tell(Said(f"trial {number}: batches pass in {parts} parts, for want of memory"))
        return parts

    def repeat(self, memory: PeakMemory) -> None:
        """Tell of the epochs that are trained already; the last one may be the last of all.

        Only after the last one is waited at a rung: at those before, the trial was let go on.
        """
        for line in self._done[:-1]:
            self._tell(Epoch(self._order.number, int(line["epoch"] or 0), _numbers(line), False))
        if self._done:
            self._tell_epoch(_numbers(self._done[-1]))
            self.decide(memory)

    def tell(self) -> bool:
        """Keep and tell the epoch that was trained since this was asked last, if one was."""
        if self.member.epoch == self._told:
            return False
        self._told = self.member.epoch
        self._results.epoch()
        self._tell_epoch(self.member.metrics)
        return True

    def decide(self, memory: PeakMemory) -> None:
        """After an epoch was told: hear whether to stop, and end where nothing is left to train."""
        if not self.member.running:
            self._end(memory, stopped=False)
        elif self._shall_stop(self._order.number, self._waits):
            self._results.stop()
            self.member.stopped = True
            self._end(memory, stopped=True)

    def close(self) -> None:
        """Nothing more comes, however the training ended."""
        self._results.close()

    @property
    def _waits(self) -> bool:
        return self.member.running and self.member.epoch in self._order.rungs

    def _tell_epoch(self, metrics: dict[str, float]) -> None:
        self._tell(Epoch(self._order.number, self.member.epoch, dict(metrics), self._waits))

    def _end(self, memory: PeakMemory, *, stopped: bool) -> None:
        member = self.member
        member.best.restore(member.network)
        if not stopped:
            self._results.end()
        self.close()
        timed = not stopped and bool(self._order.costs & LATENCIES)
        self._tell(
            Finished(
                number=self._order.number,
                epoch=member.best_epoch,
                epochs=member.epoch,
                metrics=dict(member.best_metrics),
                costs=costs_after(member, memory, timed=timed),
                stopped=stopped,
            )
        )


def _numbers(line: Line) -> dict[str, float]:
    """The metrics of an epoch as they were before they were written."""
    known = ((name, value) for name, value in line.items() if name != "epoch")
    return {name: nan if value is None else value for name, value in known}
