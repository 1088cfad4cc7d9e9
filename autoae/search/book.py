"""What becomes of a trial: from the news of its worker to its state, values and attributes."""

import time
from collections.abc import Mapping
from dataclasses import replace

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import Trial

from autoae.search.figures import attributes_of, values_of
from autoae.search.judge import Judge
from autoae.search.ledger import Ledger
from autoae.search.messages import Epoch, Failed, Finished, Refused, Resumed, Started
from autoae.search.observer import Observer
from autoae.search.progress import Mark, Running, Tally
from autoae.search.retrying import INTERRUPTED, RETRIES, attempts_with, counted, parts_of, retry
from autoae.spec.config import Configuration
from autoae.spec.protocol import labelled
from autoae.spec.study import StudySpec
from autoae.store import attributes
from autoae.store.leases import REFRESH_SECONDS, Lease


class Book:
    """Keeps the running trials and writes down how they end.

    Attributes:
        running: The trials in training, by number.
        tally: What came of those that have ended.

    Args:
        spec: The study file.
        ledger: The trials of the study.
        judge: Hears of every epoch.
        observer: Is told what becomes of a trial.
        retries: How often a trial whose worker died is tried again; then it has failed.
    """

    def __init__(
        self,
        spec: StudySpec,
        ledger: Ledger,
        judge: Judge,
        observer: Observer,
        retries: int = RETRIES,
    ) -> None:
        self.running: dict[int, Running] = {}
        self.tally = Tally()
        self._spec = spec
        self._ledger = ledger
        self._judge = judge
        self._observer = observer
        self._retries = retries
        self._refreshed = time.monotonic()

    def open(self, trial: Trial, configuration: Configuration, lease: Lease) -> Running:
        """Enter a trial that is given to a worker."""
        running = Running(trial, configuration, lease)
        self.running[running.number] = running
        return running

    def hear(self, news: Started | Resumed | Refused | Finished) -> None:
        """Take note of what becomes of a trial."""
        match news:
            case Started():
                self._started(news)
            case Resumed():
                self._resumed(news)
            case Refused(number, reason):
                self.refuse(number, reason)
            case Finished():
                self._finished(news)

    def refuse(self, number: int, reason: str) -> None:
        """End a trial before its first epoch."""
        self._ledger.note(number, {attributes.REFUSED: True})
        self._ledger.prune(number, reason)
        self._close(number, "PRUNED", reason, mark="refused")

    def _started(self, news: Started) -> None:
        """Keep what is known of the network before its first epoch."""
        running = self.running[news.number]
        running.costs, running.heard = news.costs, time.monotonic()
        configuration = running.configuration
        lease = replace(running.lease, device=news.device, epochs=running.epochs)
        running.lease = lease.refreshed()
        self._ledger.note(
            news.number,
            {
                attributes.NOTATION: news.notation,
                **attributes_of(news.costs),
                attributes.SEED: configuration.training.seed,
                attributes.CONFIGURATION: configuration.model_dump(mode="json"),
                attributes.LEASE: running.lease.to_json(),
            },
        )
        network = labelled(news.notation, running.configuration.model_dump(mode="json"))
        self._observer.trial_started(news.number, network, news.costs)

    def _resumed(self, news: Resumed) -> None:
        """Keep how much of the trial that it repeats a trial need not train again."""
        self._ledger.note(news.number, {attributes.RESUMED: news.epochs})
        how = (
            f"starts at the beginning: {news.problem}"
            if news.problem
            else f"goes on after epoch {news.epochs} of the trial that it repeats"
        )
        self._observer.log(f"trial {news.number} {how}")

    def epoch(self, news: Epoch) -> bool:
        """Note an epoch; says whether the trial shall stop after it."""
        running = self.running[news.number]
        running.heard = time.monotonic()
        self.tally.under_way.add(news.number)
        try:
            self._judge.epoch(running.trial, news.epoch, {**running.costs, **news.metrics})
            prunes = news.waits and self._judge.prunes(running.trial, news.epoch)
        except UpdateFinishedTrialError:
            self._is_ended(running)
            return True
        if prunes:
            running.pruned_because = f"fell behind after epoch {news.epoch}"
        # Written with the next sign of life, so that it costs no write of its own.
        samples = news.metrics.get("samples_per_second")
        running.lease = replace(running.lease, epoch=news.epoch, samples_per_second=samples)
        self._observer.epoch(news.number, news.epoch, running.epochs, news.metrics)
        return bool(running.pruned_because) or running.dropped

    def _finished(self, news: Finished) -> None:
        """Write down the best epoch, and the state that follows from how the training ended."""
        running = self.running[news.number]
        figures = {**running.costs, **news.costs, **news.metrics}
        kept = {attributes.EPOCH: news.epoch, attributes.EPOCHS: news.epochs}
        self._ledger.note(news.number, {**attributes_of(figures), **kept, **self._last(running)})
        if news.stopped and running.pruned_because:
            self._prune(running)
        elif news.stopped:
            self._retry(running, INTERRUPTED)
        else:
            self._complete(running, figures)

    def failed(self, news: Failed, *, blameless: bool) -> None:
        """End a trial whose training could not be ended; one that is not to blame waits again."""
        running = self.running[news.number]
        self._ledger.note(news.number, self._last(running))
        if blameless:
            self._retry(running, news.reason)
        elif running.pruned_because:
            self._prune(running)
        elif news.out_of_memory and parts_of(running.trial.user_attrs) == 1:
            self._retry(running, f"{news.reason}; tried again with half the batch", parts=2)
        else:
            self._fail(running, news.reason)

    def died(self, number: int, reason: str) -> None:
        """The worker of a trial has died: ask again, unless that was tried often enough."""
        running = self.running[number]
        attempts = attempts_with(self._ledger.trial(number), self._ledger.trials())
        self._ledger.note(number, self._last(running))
        if running.pruned_because:
            self._prune(running)
        elif running.hangs:
            self._fail(running, running.hangs)
        elif attempts <= self._retries:
            self._retry(running, reason, attempts)
        else:
            self._fail(running, counted(reason, attempts))

    def drop(self, running: Running) -> None:
        """A trial is told to stop for the end of the run: should it be lost now, it did nothing."""
        running.dropped = True
        running.lease = replace(running.lease, leaving=True)
        self._ledger.note(running.number, {attributes.LEASE: running.lease.to_json()})

    def refresh(self) -> None:
        """Give a sign of life for every running trial, when it is time for one."""
        if time.monotonic() - self._refreshed < REFRESH_SECONDS:
            return
        self._refreshed = time.monotonic()
        for running in self.running.values():
            running.lease = running.lease.refreshed()
            lease = {attributes.LEASE: running.lease.to_json()}
            if not self._ledger.note(running.number, lease):
                self._is_ended(running)

    def _is_ended(self, running: Running) -> None:
        """Another program has ended a trial: it stays as it is, and is not queued again."""
        if not running.pruned_because:
            running.pruned_because = "ended by another program"
            self._observer.log(f"trial {running.number} was {running.pruned_because}")

    def _complete(self, running: Running, figures: Mapping[str, float]) -> None:
        values, missing = values_of(self._spec.objectives, figures)
        if missing:
            self._fail(running, f"there is no value of {missing}")
            return
        self._ledger.complete(running.number, values)
        self._close(running.number, "COMPLETE", "", values=values)

    def _prune(self, running: Running) -> None:
        self._ledger.prune(running.number, running.pruned_because)
        self._close(running.number, "PRUNED", running.pruned_because)

    def _fail(self, running: Running, reason: str) -> None:
        self._ledger.fail(running.number, reason)
        self._close(running.number, "FAIL", reason)

    def _retry(
        self, running: Running, reason: str, attempts: int | None = None, parts: int | None = None
    ) -> None:
        retry(self._ledger, running.number, reason, attempts=attempts, parts=parts)
        self._close(running.number, "FAIL", reason, mark="repeated")

    def _last(self, running: Running) -> Mapping[str, object]:
        return self._judge.ended(running.number)

    def _close(
        self,
        number: int,
        state: str,
        reason: str,
        *,
        values: list[float] | None = None,
        mark: Mark = "",
    ) -> None:
        self.running.pop(number, None)
        self.tally.under_way.discard(number)
        self.tally.count(state, reason, mark=mark)
        self._observer.trial_finished(number, state, values or [], reason)
