"""The loop of a run: keep workers busy, listen, answer, look for a reason to end."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from autoae.search.book import Book
from autoae.search.dispatch import Dispatcher
from autoae.search.ending import End, Watch
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.messages import Epoch, Failed, News, Ready, Said
from autoae.search.observer import Observer
from autoae.search.others import Others
from autoae.search.pool import Died, Pool
from autoae.search.progress import Running
from autoae.search.retrying import ON_REQUEST
from autoae.search.surroundings import Surroundings

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
        dispatcher: Gives workers their trials.
        book: Keeps what becomes of these.
        pool: The workers.
        surroundings: What trials need to be there.
        watch: Knows when to end.
        inbox: What people ask of the study.
        interrupts: Signals of this process.
        observer: Is told that the run stops.
        others: The trials of other coordinators.
    """

    epoch_timeout: float | None
    dispatcher: Dispatcher
    book: Book
    pool: Pool
    surroundings: Surroundings
    watch: Watch
    inbox: Inbox
    interrupts: Interrupts
    observer: Observer
    others: Others
    _end: End | None = None
    _paused: bool = False

    def run(self) -> Outcome:
        """Run to the end.

        A second signal leaves running trials as they are; the next run queues them again.

        Raises:
            SearchError: The study cannot go on.
        """
        try:
            self._obey()
            if self.dispatcher.something_left() or self.others.running:
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
        """Whether the run goes on though nothing trains here.

        Either a pause or want of workers or room keeps it from that, or other coordinators have
        trials in training, which somebody has to take over should they die.
        """
        if self._end is not None:
            return False
        return self.dispatcher.something_left() or self.others.running

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

    def _feed(self) -> None:
        """Give trials as long as a worker is idle; when none is, draw one ahead."""
        while not self._halted() and (worker := self.dispatcher.idle()):
            self.dispatcher.dispatch(worker)
            self._look_for_end()
        if not self._halted():
            self.dispatcher.draw_ahead()

    def _halted(self) -> bool:
        return self._end is not None or self._paused or self.surroundings.lack_room()

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
            self.dispatcher.look_again()

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
        end = self._end or End(self.dispatcher.nothing_because)
        if end.error is not None:
            raise end.error
        return Outcome(dict(self.book.tally.states), end.interrupted, end.because)
