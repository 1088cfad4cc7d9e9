"""A coordinator does what is asked of its study while it trains."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from autoae.search.errors import SearchError
from autoae.search.run import RunOptions, run_study
from autoae.store.commands import StudyCommands
from autoae.store.leases import own_lease
from autoae.store.log import StudyLog
from autoae.store.runs import run_root
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study
from autoae.store.workers import WorkerSnapshot, workers_of
from tests.search.support import TINY, Recorder, create, run, snapshot, tiny
from tests.search.untrained import launches, trains_for_ever

ALL = "search: {trials: 3, pruner: none}\n"
LONG = TINY.replace("epochs: 2", "epochs: 10000")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are read in every turn."""
    monkeypatch.setattr("autoae.search.inbox.POLL_SECONDS", 0)


@contextmanager
def acting(url: str) -> Iterator[StudyCommands]:
    """The study `tiny` as another program acts on it."""
    storage = open_storage(url)
    try:
        yield StudyCommands(storage, load_study(storage, "tiny"))
    finally:
        close_storage(storage)


Act = Callable[[StudyCommands], object]


class Acts(Recorder):
    """Acts on the study when so many trials have begun or ended."""

    def __init__(
        self,
        url: str,
        *,
        started: Mapping[int, Act] | None = None,
        ended: Mapping[int, Act] | None = None,
    ) -> None:
        super().__init__()
        self._url, self._started, self._ended = url, started or {}, ended or {}
        self.pauses: list[bool] = []

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        super().trial_started(number, notation, costs)
        self._act(self._started.get(len(self.trials)))

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        self._act(self._ended.get(len(self.ends)))

    def study_paused(self, paused: bool) -> None:
        self.pauses.append(paused)

    def _act(self, act: Act | None) -> None:
        if act is not None:
            with acting(self._url) as commands:
                act(commands)


class Pauses(Acts):
    """Pauses when the first trial begins; somebody else acts once nothing runs any more."""

    def __init__(self, url: str, then: Act) -> None:
        super().__init__(url, started={1: lambda commands: commands.pause()})
        self._then = then
        self.states: list[str] = []

    def study_paused(self, paused: bool) -> None:
        super().study_paused(paused)
        if paused:
            threading.Thread(target=self._later).start()

    def _later(self) -> None:
        while not self.ends:
            time.sleep(0.01)
        self.states = [trial.state for trial in snapshot(self._url).trials]
        self._act(self._then)


def test_a_paused_study_finishes_what_runs_and_waits_until_it_is_resumed(url: str) -> None:
    create(url, tiny(ALL))
    heard = Pauses(url, lambda commands: commands.resume())
    outcome = run(url, heard)
    assert heard.pauses == [True, False]
    assert heard.states == ["COMPLETE"]
    assert dict(outcome.finished) == {"COMPLETE": 3}
    assert "budget" in outcome.stopped_because


def test_a_paused_study_can_be_stopped_and_stays_paused(url: str) -> None:
    create(url, tiny(ALL))
    outcome = run(url, Pauses(url, lambda commands: commands.stop()))
    assert (outcome.stopped_because, dict(outcome.finished)) == (
        "stopped on request",
        {"COMPLETE": 1},
    )
    with pytest.raises(SearchError, match="'tiny' is paused since") as refused:
        run(url)
    assert "autoae study resume tiny" in refused.value.hint
    with acting(url) as commands:
        commands.resume()
    assert dict(run(url).finished) == {"COMPLETE": 2}


def test_a_pause_after_the_last_trial_keeps_nobody_waiting(url: str) -> None:
    create(url, tiny(ALL.replace("3", "1")))
    outcome = run(url, Acts(url, started={1: lambda commands: commands.pause()}))
    assert "budget" in outcome.stopped_because


def test_a_trial_that_is_pruned_on_request_ends_and_the_study_goes_on(url: str) -> None:
    create(url, tiny(ALL.replace("3", "2"), text=LONG))
    prunes: dict[int, Act] = {
        1: lambda commands: commands.prune(0),
        2: lambda commands: commands.prune(1),
    }
    outcome = run(url, Acts(url, started=prunes))
    assert dict(outcome.finished) == {"PRUNED": 2}
    for trial in snapshot(url).trials:
        assert (trial.state, trial.reason, trial.refused) == ("PRUNED", "pruned on request", False)
        assert 0 < trial.epochs < 10000


def test_an_epoch_without_end_does_not_keep_a_trial_from_being_pruned(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.search.coordinator.PATIENCE_SECONDS", 0.1)
    create(url, tiny(ALL.replace("3", "1")))
    heard = Acts(url, started={1: lambda commands: commands.prune(0)})
    outcome = run_study("tiny", url, RunOptions(), heard, launch=launches(trains_for_ever))
    assert dict(outcome.finished) == {"PRUNED": 1}
    (trial,) = snapshot(url).trials
    assert (trial.state, trial.reason, trial.epochs) == ("PRUNED", "pruned on request", 0)


def test_a_trial_that_hangs_is_ended_and_has_failed(url: str) -> None:
    create(url, tiny("search: {trials: 2, pruner: none, epoch_timeout: 0.5}\n"))
    outcome = run_study("tiny", url, RunOptions(), Recorder(), launch=launches(trains_for_ever))
    assert dict(outcome.finished) == {"FAIL": 2}
    reasons = [trial.reason for trial in snapshot(url).trials]
    assert reasons == ["no epoch within 0.5 s (search.epoch_timeout)"] * 2


def test_a_lost_trial_that_was_to_be_pruned_is_not_queued_again(url: str) -> None:
    storage = open_storage(url)
    study = create_study(storage, tiny(ALL.replace("3", "1")))
    trial = study.ask()
    # Of an earlier run in this very process.
    trial.set_user_attr("autoae.lease", own_lease(0, 1).to_json())
    StudyCommands(storage, study).prune(0)
    close_storage(storage)
    run(url)
    assert [(t.state, t.reason) for t in snapshot(url).trials] == [("PRUNED", "pruned on request")]


def test_a_failed_trial_that_is_retried_trains_the_same_network_again(url: str) -> None:
    create(url, tiny(ALL.replace("3", "1"), text=LONG))
    run(url, Acts(url, started={1: lambda commands: commands.prune(0)}))
    with acting(url) as commands:
        assert commands.retry(0) == 1
    run(url, Acts(url, started={1: lambda commands: commands.prune(1)}))
    first, second = snapshot(url).trials
    assert second.retried_from == 0
    assert (second.params, second.seed) == (first.params, first.seed)
    shared = min(first.epochs, second.epochs)
    assert first.curve[:shared] == second.curve[:shared] != ()


def test_a_pruned_trial_that_is_retried_is_not_pruned_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optuna.trial.Trial.should_prune", lambda _: True)
    create(url, tiny("search: {trials: 1, pruner: median}\n"))
    run(url)
    with acting(url) as commands:
        commands.retry(0)
    run(url)
    assert [trial.state for trial in snapshot(url).trials] == ["PRUNED", "COMPLETE"]


def test_a_run_leaves_a_log(url: str) -> None:
    create(url, tiny(ALL.replace("3", "2"), text=LONG))
    prunes: dict[int, Act] = {
        1: lambda commands: commands.prune(0),
        2: lambda commands: commands.stop(),
    }
    run(url, Acts(url, started=prunes))
    lines = StudyLog(run_root(url) / "tiny").read()
    assert [(line.event, line.trial) for line in lines] == [
        ("run", None),
        ("started", 0),
        ("pruned", 0),
        ("started", 1),
        ("note", None),
        ("failed", 1),
        ("run", None),
    ]
    messages = [line.message for line in lines]
    assert "0 of 2 trials" in messages[0]
    assert messages[2] == "pruned on request"
    assert messages[-2:] == ["interrupted", "the run has ended: stopped on request"]


def test_a_lease_tells_where_a_trial_is_and_how_far(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sign of life after every five epochs at most, however fast the worker is.
    monkeypatch.setattr("autoae.search.book.REFRESH_SECONDS", 0)
    monkeypatch.setattr("autoae.search.pool.MOST_NEWS", 5)
    create(url, tiny(ALL.replace("3", "1"), text=LONG))
    seen: list[WorkerSnapshot] = []

    class Looks(Recorder):
        def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
            super().epoch(number, epoch, epochs, metrics)
            if epoch % 5 == 1:
                seen.extend(workers_of(snapshot(url)))
                # It is written with the next sign of life.
                if seen[-1].samples_per_second is not None:
                    with acting(url) as commands:
                        commands.prune(0)

    run(url, Looks())
    first, later = seen[0], seen[-1]
    assert (first.device, first.epoch, first.epochs) == ("cpu", 1, 10000)
    assert later.epoch > 1
    assert later.samples_per_second is not None
    assert later.samples_per_second > 0
    assert (later.life, later.trial) == ("running", 0)
    (trial,) = snapshot(url).trials
    assert trial.lease is not None
    assert 1 < trial.lease.epoch <= trial.epochs


def test_what_is_queued_while_a_study_runs_is_trained_next(url: str) -> None:
    create(url, tiny(ALL))
    run(url, Acts(url, ended={1: lambda commands: commands.vary(0, {"model.latent": 3})}))
    first, second, _ = snapshot(url).trials
    assert second.params == {**first.params, "model.latent": 3}
    assert second.state == "COMPLETE"


def test_a_queued_trial_runs_first_with_its_values(url: str) -> None:
    storage = open_storage(url)
    study = create_study(storage, tiny("search: {trials: 2, pruner: none}\n"))
    StudyCommands(storage, study).enqueue({"model.encoder.depth": 2, "training.lr": 0.05})
    close_storage(storage)
    run(url)
    first, _ = snapshot(url).trials
    assert first.state == "COMPLETE"
    assert first.params["model.encoder.depth"] == 2
    assert first.params["training.lr"] == 0.05
    # What was left open was drawn.
    assert set(first.params) == set(tiny().domains())


def test_values_that_do_not_fit_together_fail_their_trial_only(url: str) -> None:
    create(url, tiny("search: {trials: 2, pruner: none}\n"))
    storage = open_storage(url)
    load_study(storage, "tiny").enqueue_trial({"model.encoder.width.1": 12})
    close_storage(storage)
    run(url)
    trials = snapshot(url).trials
    assert (trials[0].state, trials[0].refused) == ("PRUNED", True)
    assert "12" in trials[0].reason
    assert [trial.state for trial in trials[1:]] == ["COMPLETE"] * 2
