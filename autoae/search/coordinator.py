"""The loop of a run: ask while workers are idle, listen, answer, look for a reason to end."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from autoae.search.asking import Asker
from autoae.search.book import Book
from autoae.search.budget import left
from autoae.search.ending import End, Watch, disk_full
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.launch import Worker
from autoae.search.ledger import Ledger
from autoae.search.messages import Epoch, Failed, Finished, News, Refused, Resumed, Started
from autoae.search.observer import Observer
from autoae.search.orders import Orders
from autoae.search.pool import Died, Pool
from autoae.search.progress import Running
from autoae.search.retrying import ON_REQUEST, repeated_by
from autoae.store.leases import own_lease

TICK_SECONDS = 1.0
"""How long to listen at most before looking around again."""
PATIENCE_SECONDS = 2.0
"""How long a trial that is pruned on request may take to end its epoch."""

_STOPPING = "running trials end their epoch and wait for the next run; Ctrl-C ends them at once"


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        finished: How many trials ended in each state, in Optuna's words.
        interrupted: Whether a signal asked for the end.
        stopped_because: Why no further trial was asked for, in words.
    """

    finished: Mapping[str, int]
    interrupted: bool
    stopped_because: str


@dataclass
class Coordinator:
    """Runs trials until there is a reason to end.

    Attributes:
        budget: Trials over all runs and workers.
        epoch_timeout: Seconds without an epoch after which a trial hangs, or None.
        ledger: The trials of the study.
        asker: Gives the next one.
        orders: Says what a worker is told of it.
        book: Keeps what becomes of it.
        pool: The workers.
        watch: Knows when to end.
        inbox: What people ask of the study.
        interrupts: Signals of this process.
        observer: Is told that the run stops.
    """

    budget: int
    epoch_timeout: float | None
    ledger: Ledger
    asker: Asker
    orders: Orders
    book: Book
    pool: Pool
    watch: Watch
    inbox: Inbox
    interrupts: Interrupts
    observer: Observer
    _end: End | None = None
    _nothing: str = ""
    _nothing_since: int = -1
    _paused: bool = False

    def run(self) -> Outcome:
        """Run to the end.

        A second signal leaves running trials as they are; the next run queues them again.

        Raises:
            SearchError: The study cannot go on.
        """
        try:
            if self._something_left(self.ledger.trials()):
                self._work()
        except KeyboardInterrupt:
            return Outcome(dict(self.book.tally.states), True, "interrupted at once")
        finally:
            self.pool.kill()
        return self._outcome()

    def _work(self) -> None:
        self.pool.start()
        self._feed()
        while self.book.running or self._waits():
            self._turn()

    def _waits(self) -> bool:
        """Whether only a pause, or want of workers, keeps the run from going on."""
        held = self._end is None and self._may_ask()
        return held and self._something_left(self.ledger.trials())

    def _something_left(self, trials: Sequence[FrozenTrial]) -> bool:
        found = left(self.budget, trials) > 0
        if not found:
            self._rest(f"the budget of {self.budget} trials is used up")
        return found

    def _turn(self) -> None:
        for news in self.pool.listen(TICK_SECONDS):
            self._hear(news)
        self.interrupts.silence()
        self.book.refresh()
        self._obey()
        self._end_hanging()
        self._look_for_end()
        self._feed()

    def _feed(self) -> None:
        """Ask for trials as long as a worker is idle and there is something to do."""
        while not self._halted() and self._may_ask() and (worker := self.pool.idle()):
            self._ask(worker)
            self._look_for_end()

    def _halted(self) -> bool:
        return self._end is not None or self._paused

    def _may_ask(self) -> bool:
        """Whether there can be something to do: a trial that ends may have to be repeated."""
        return self._nothing_since != self.book.tally.ended

    def _ask(self, worker: Worker) -> None:
        trials = self.ledger.trials()
        if not self._something_left(trials):
            return
        lease = own_lease(worker.index, worker.pid, worker.node)
        proposal = self.asker.ask(lease, trials)
        if proposal is None:
            self._rest("every planned trial is done")
        elif proposal.configuration is None:
            self.book.refuse(proposal.trial.number, proposal.refusal)
        else:
            running = self.book.open(proposal.trial, self.orders.adapted(proposal), lease)
            running.unpruned = proposal.unpruned
            repeated = repeated_by(running.number, trials)
            self.pool.train(worker, self.orders.train(running, repeated))

    def _rest(self, because: str) -> None:
        self._nothing, self._nothing_since = because, self.book.tally.ended

    def _hear(self, news: News | Died) -> None:
        match news:
            case Started():
                self.book.started(news)
            case Resumed():
                self.book.resumed(news)
            case Epoch():
                self._answer(news)
            case Refused(number, reason):
                self.book.refuse(number, reason)
            case Finished():
                self.book.finished(news)
            case Failed():
                self._failed(news)
            case Died():
                self._died(news)
            case _:
                pass  # A worker is ready.

    def _answer(self, news: Epoch) -> None:
        stop = self.book.epoch(news)
        if stop or news.waits:
            self.pool.answer(news.number, stop=stop)

    def _failed(self, news: Failed) -> None:
        self.book.failed(news)
        if news.disk_full:
            self._end = disk_full(news.reason)
            self._drop()

    def _died(self, news: Died) -> None:
        if news.trial is None:
            self.observer.log(f"{news.reason} without a trial: replaced")
        else:
            self.book.died(news.trial, news.reason)

    def _obey(self) -> None:
        """Do what people ask of the study."""
        requests = self.inbox.read()
        if self.inbox.paused != self._paused:
            self._paused = self.inbox.paused
            self.observer.study_paused(self._paused)
        for number in requests.prune & self.book.running.keys():
            self._prune(self.book.running[number])

    def _prune(self, running: Running) -> None:
        """Tell a trial to stop; where its epoch takes too long, end the process that trains it."""
        now = time.monotonic()
        if running.pruned_since is None:
            running.pruned_because = running.pruned_because or ON_REQUEST
            running.pruned_since = now
            self.pool.answer(running.number, stop=True)
        elif now - running.pruned_since > PATIENCE_SECONDS:
            self.pool.end(running.number)

    def _end_hanging(self) -> None:
        """End the workers that have told nothing for too long; their trials have failed."""
        limit, now = self.epoch_timeout, time.monotonic()
        for running in self.book.running.values():
            if limit is not None and now - running.heard > limit:
                running.hangs = f"no epoch within {limit:g} s (search.epoch_timeout)"
                self.pool.end(running.number)

    def _look_for_end(self) -> None:
        """Take note of a reason to end; one that drops trials overrules one that does not."""
        if self._end is None or not self._end.drops:
            self._end = self.watch.end() or self._end
            if self._end is not None and self._end.drops:
                self.observer.log(f"{self._end.because}: {_STOPPING}")
                self._drop()

    def _drop(self) -> None:
        for running in self.book.running.values():
            if not running.dropped:
                running.dropped = True
                self.pool.answer(running.number, stop=True)

    def _outcome(self) -> Outcome:
        end = self._end or End(self._nothing)
        if end.error is not None:
            raise end.error
        return Outcome(dict(self.book.tally.states), end.interrupted, end.because)
