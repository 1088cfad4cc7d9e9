"""The loop of a run: ask while workers are idle, listen, answer, look for a reason to end."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, Trial, TrialState

from autoae.search.asking import Asker, Proposal
from autoae.search.book import Book
from autoae.search.budget import left
from autoae.search.ending import End, Watch
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.launch import Worker
from autoae.search.ledger import Ledger
from autoae.search.messages import Epoch, Failed, News, Ready, Said, Train
from autoae.search.observer import Observer
from autoae.search.orders import Orders
from autoae.search.others import Others
from autoae.search.pool import Died, Pool
from autoae.search.progress import Running
from autoae.search.retrying import ON_REQUEST, repeated_by
from autoae.search.stacking import Like, Stacking
from autoae.search.surroundings import Surroundings
from autoae.store.leases import Lease, own_lease
from autoae.store.studies import study_budget
from autoae.store.turns import TurnLost

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
        epoch_timeout: Seconds without an epoch after which a trial hangs, or None.
        ledger: The trials of the study.
        asker: Gives the next one.
        orders: Says what a worker is told of it.
        book: Keeps what becomes of it.
        pool: The workers.
        stacking: How many trials each is given at once.
        surroundings: What trials need to be there.
        watch: Knows when to end.
        inbox: What people ask of the study.
        interrupts: Signals of this process.
        observer: Is told that the run stops.
        others: The trials of other coordinators.
        sampler_seed: Of this run.
    """

    epoch_timeout: float | None
    ledger: Ledger
    asker: Asker
    orders: Orders
    book: Book
    pool: Pool
    stacking: Stacking
    surroundings: Surroundings
    watch: Watch
    inbox: Inbox
    interrupts: Interrupts
    observer: Observer
    others: Others
    sampler_seed: int
    _end: End | None = None
    _nothing: str = ""
    _nothing_since: int = -1
    _paused: bool = False
    _draws_ahead: bool = False

    def run(self) -> Outcome:
        """Run to the end.

        A second signal leaves running trials as they are; the next run queues them again.

        Raises:
            SearchError: The study cannot go on.
        """
        try:
            self._obey()
            if self._something_left(self.ledger.trials()) or self.others.running:
                self._work()
        except KeyboardInterrupt:
            return Outcome(dict(self.book.tally.states), True, "interrupted at once")
        finally:
            self.pool.kill()
        return self._outcome()

    def _work(self) -> None:
        self.pool.start()
        self._feed()
        self._ask_ahead()
        while self.book.running or self._waits():
            self._turn()

    def _waits(self) -> bool:
        """Whether the run goes on though nothing trains here.

        Either a pause or want of workers or room keeps it from that, or other coordinators have
        trials in training, which somebody has to take over should they die.
        """
        if self._end is not None:
            return False
        held = self._may_ask() and self._something_left(self.ledger.trials())
        return held or self.others.running

    def _something_left(self, trials: Sequence[FrozenTrial]) -> bool:
        # Asked every time: another run may have set it anew.
        budget = study_budget(self.ledger.study)
        found = left(budget, trials) > 0
        if not found:
            self._rest(f"the budget of {budget} trials is used up")
        return found

    def _turn(self) -> None:
        for news in self.pool.listen(TICK_SECONDS):
            self._hear(news)
        self.interrupts.silence()
        self.book.refresh()
        self._obey()
        self._look_after_others()
        self._end_hanging()
        self._look_for_end()
        self._feed()
        self._ask_ahead()

    def _feed(self) -> None:
        """Ask for trials as long as a worker is idle and there is something to do."""
        ready = self.stacking.asks_when_ready
        while not self._halted() and self._may_ask() and (worker := self.pool.idle(ready=ready)):
            self._ask(worker)
            self._look_for_end()

    def _halted(self) -> bool:
        return self._end is not None or self._paused or self.surroundings.lack_room()

    def _may_ask(self) -> bool:
        """Whether there can be something to do: a trial that ends may have to be repeated."""
        return self._nothing_since != self.book.tally.ended

    def _ask(self, worker: Worker) -> None:
        """Give a worker the next trial, and those that it can train beside it."""
        lease = own_lease(worker.index, worker.pid, self.sampler_seed, worker.node)
        try:
            with self.ledger.turn():
                trials = self.ledger.trials()
                if not self._something_left(trials):
                    return
                trial = self.asker.start(lease, trials)
        except TurnLost:
            return  # What was started has no worker, and is found with what others have lost.
        if trial is None:
            self._rest("every planned trial is done")
            return
        proposal = self.asker.propose(trial, trials)
        if (order := self._opened(proposal, lease, trials)) is not None:
            most = self.stacking.most(order.configuration, worker.device) if worker.stacks else 1
            companions = self._companions(proposal, most - 1, lease) if most > 1 else ()
            self.pool.train(worker, [order, *companions])
            self._draws_ahead = self.asker.draws_ahead(max(len(trials), trial.number + 1))

    def _opened(
        self, proposal: Proposal, lease: Lease, trials: Sequence[FrozenTrial]
    ) -> Train | None:
        """Enter a trial and say what its worker is told; None where it describes nothing."""
        if proposal.configuration is None:
            self.book.refuse(proposal.trial.number, proposal.refusal)
            return None
        running = self.book.open(proposal.trial, self.orders.adapted(proposal), lease)
        running.unpruned = proposal.unpruned
        return self.orders.train(running, repeated_by(running.number, trials))

    def _ask_ahead(self) -> None:
        """While all workers train: draw one of the next trials, if a free worker would wait for it.

        One a turn, so that what workers tell meanwhile is heard.
        """
        if not self._draws_ahead or self._halted() or self.pool.idle():
            return
        lease = own_lease(0, os.getpid(), self.sampler_seed)

        def start(trials: Sequence[FrozenTrial]) -> Trial | None:
            more = left(study_budget(self.ledger.study), trials) > _waiting(trials)
            return self.asker.start_ahead(lease, trials, self.pool.size) if more else None

        proposal = self._proposed(start)[0]
        self._draws_ahead = proposal is not None
        if proposal is not None and proposal.configuration is None:
            self.book.refuse(proposal.trial.number, proposal.refusal)
        elif proposal is not None:
            self.ledger.postpone(proposal.trial.number)

    def _companions(self, first: Proposal, most: int, lease: Lease) -> Iterator[Train]:
        """Trials that stack with one that was just asked for, so many where there are."""
        like = self._like(first)
        if like is None:
            return

        def start(trials: Sequence[FrozenTrial]) -> Trial | None:
            more = left(study_budget(self.ledger.study), trials) > 0
            return self.asker.start_like(lease, trials, like) if more else None

        for _ in range(most):
            proposal, trials = self._proposed(start)
            if proposal is None:
                return
            if (order := self._opened(proposal, lease, trials)) is not None:
                yield order

    def _proposed(
        self, start: Callable[[Sequence[FrozenTrial]], Trial | None]
    ) -> tuple[Proposal | None, Sequence[FrozenTrial]]:
        """Start a trial in a turn of this coordinator, and let the sampler choose after it."""
        try:
            with self.ledger.turn():
                trials = self.ledger.trials()
                trial = start(trials)
        except TurnLost:
            return None, ()  # As in `_ask`.
        return (None if trial is None else self.asker.propose(trial, trials)), trials

    def _like(self, proposal: Proposal) -> Like | None:
        assert proposal.configuration is not None
        trial = self.ledger.trial(proposal.trial.number)
        return Like.of(trial, proposal.configuration, drawn=self.stacking.draws)

    def _rest(self, because: str) -> None:
        self._nothing, self._nothing_since = because, self.book.tally.ended

    def _hear(self, news: News | Died) -> None:
        match news:
            case Epoch():
                self._answer(news)
            case Failed():
                self.book.failed(news, blameless=self.surroundings.blamed(news))
            case Died():
                self._died(news)
            case Said(message):
                self.observer.log(message)
            case Ready():
                pass
            case _:
                self.book.hear(news)

    def _answer(self, news: Epoch) -> None:
        stop = self.book.epoch(news)
        if stop or news.waits:
            self.pool.answer(news.number, stop=stop)

    def _died(self, news: Died) -> None:
        if not news.trials:
            self.observer.log(f"{news.reason} without a trial: replaced")
        for number in news.trials:
            self.book.died(number, news.reason)

    def _obey(self) -> None:
        """Do what people ask of the study."""
        requests = self.inbox.read()
        if self.inbox.paused != self._paused:
            self._paused = self.inbox.paused
            self.observer.study_paused(self._paused)
        for number in requests.prune & self.book.running.keys():
            self._prune(self.book.running[number])

    def _prune(self, running: Running) -> None:
        """Tell a trial to stop; where its epoch takes too long, end the process that trains it.

        A process that trains others as well has to end its epoch.
        """
        now = time.monotonic()
        if running.pruned_since is None:
            running.pruned_because = running.pruned_because or ON_REQUEST
            running.pruned_since = now
            self.pool.answer(running.number, stop=True)
        elif now - running.pruned_since > PATIENCE_SECONDS and self.pool.alone(running.number):
            self.pool.end(running.number)

    def _look_after_others(self) -> None:
        """Queue again what nobody trains any more; ask again where that may have changed."""
        if self.others.due:
            self.others.look(self.book.running, self.inbox.read().prune)
            self._nothing_since = -1

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
                self.pool.answer(running.number, stop=True)
                self.book.drop(running)

    def _outcome(self) -> Outcome:
        end = self._end or End(self._nothing)
        if end.error is not None:
            raise end.error
        return Outcome(dict(self.book.tally.states), end.interrupted, end.because)


def _waiting(trials: Sequence[FrozenTrial]) -> int:
    return sum(trial.state == TrialState.WAITING for trial in trials)
