"""Which trial a worker trains next: asked for in turns, with companions, or drawn ahead."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from optuna.trial import FrozenTrial, Trial

from autoae.search.asking import Asker, Proposal
from autoae.search.book import Book
from autoae.search.budget import Census
from autoae.search.launch import Worker
from autoae.search.ledger import Ledger
from autoae.search.messages import Train
from autoae.search.orders import Orders
from autoae.search.pool import Pool
from autoae.search.retrying import repeated_by
from autoae.search.stacking import Like, Stacking
from autoae.store.leases import Lease, own_lease
from autoae.store.studies import study_budget
from autoae.store.turns import TurnLost


@dataclass
class Dispatcher:
    """Gives idle workers trials, as long as the study has some.

    Attributes:
        ledger: The trials of the study.
        asker: Gives the next one.
        orders: Says what a worker is told of it.
        book: Keeps what becomes of it.
        pool: The workers.
        stacking: How many trials each is given at once.
        sampler_seed: Of this run.
        nothing_because: Why there was no trial to give, when there was none.
    """

    ledger: Ledger
    asker: Asker
    orders: Orders
    book: Book
    pool: Pool
    stacking: Stacking
    sampler_seed: int
    nothing_because: str = ""
    _nothing_since: int = -1
    _draws_ahead: bool = False
    _census: Census = field(default_factory=Census)

    def something_left(self) -> bool:
        """Whether the study has a trial to give, now or when a worker is idle."""
        return self._may_ask() and self._budget_left(self.ledger.trials())

    def look_again(self) -> None:
        """There may be something to do again, though no trial of this coordinator has ended."""
        self._nothing_since = -1

    def idle(self) -> Worker | None:
        """A worker that may be given a trial; None as well where there was none to give."""
        return self.pool.idle(ready=self.stacking.asks_when_ready) if self._may_ask() else None

    def dispatch(self, worker: Worker) -> None:
        """Give a worker the next trial, and those that it can train beside it."""
        lease = own_lease(worker.index, worker.pid, self.sampler_seed, worker.node)
        try:
            with self.ledger.turn():
                trials = self.ledger.trials()
                if not self._budget_left(trials):
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

    def draw_ahead(self) -> None:
        """While all workers train: draw one of the next trials, if a free worker would wait for it.

        One a call, so that what workers tell meanwhile is heard.
        """
        if not self._draws_ahead or self.pool.idle():
            return
        lease = own_lease(0, os.getpid(), self.sampler_seed)

        def start(trials: Sequence[FrozenTrial]) -> Trial | None:
            left = self._census.left(study_budget(self.ledger.study), trials)
            more = left > len(self._census.waiting(trials))
            return self.asker.start_ahead(lease, trials, self.pool.size) if more else None

        proposal = self._proposed(start)[0]
        self._draws_ahead = proposal is not None
        if proposal is not None and proposal.configuration is None:
            self.book.refuse(proposal.trial.number, proposal.refusal)
        elif proposal is not None:
            self.ledger.postpone(proposal.trial.number)

    def _may_ask(self) -> bool:
        """Whether there can be something to do: a trial that ends may have to be repeated."""
        return self._nothing_since != self.book.tally.ended

    def _budget_left(self, trials: Sequence[FrozenTrial]) -> bool:
        # Asked every time: another run may have set it anew.
        budget = study_budget(self.ledger.study)
        found = self._census.left(budget, trials) > 0
        if not found:
            self._rest(f"the budget of {budget} trials is used up")
        return found

    def _rest(self, because: str) -> None:
        self.nothing_because, self._nothing_since = because, self.book.tally.ended

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

    def _companions(self, first: Proposal, most: int, lease: Lease) -> Iterator[Train]:
        """Trials that stack with one that was just asked for, so many where there are."""
        like = self._like(first)
        if like is None:
            return

        def start(trials: Sequence[FrozenTrial]) -> Trial | None:
            more = self._census.left(study_budget(self.ledger.study), trials) > 0
            return self.asker.start_like(lease, trials, like) if more else None

        for _ in range(most):
            proposal, trials = self._proposed(start)
            if proposal is None:
                return
            if (order := self._opened(proposal, lease, trials)) is not None:
                yield order

    def _like(self, proposal: Proposal) -> Like | None:
        assert proposal.configuration is not None
        trial = self.ledger.trial(proposal.trial.number)
        return Like.of(trial, proposal.configuration, drawn=self.stacking.draws)

    def _proposed(
        self, start: Callable[[Sequence[FrozenTrial]], Trial | None]
    ) -> tuple[Proposal | None, Sequence[FrozenTrial]]:
        """Start a trial in a turn of this coordinator, and let the sampler choose after it."""
        try:
            with self.ledger.turn():
                trials = self.ledger.trials()
                trial = start(trials)
        except TurnLost:
            return None, ()  # As in `dispatch`.
        return (None if trial is None else self.asker.propose(trial, trials)), trials
