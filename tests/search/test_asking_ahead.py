"""With many trials the next ones are drawn while workers train."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import optuna
import pytest
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from autoae.search.asking import Asker
from autoae.search.ledger import Ledger
from autoae.search.run import RunOptions, run_study
from autoae.store.leases import own_lease
from autoae.store.snapshot import TrialSnapshot
from autoae.store.storage import close_storage, open_storage
from tests.search.support import TINY, Recorder, create, launch_thread, run, snapshot, tiny

DISCRETE = TINY.replace("{min: 1e-3, max: 1e-1, log: true}", "{values: [0.001, 0.01]}")
SIX = "search: {method: tpe, pruner: none, trials: 6}\n"


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw ahead from the second trial on."""
    monkeypatch.setattr("autoae.search.asking.AHEAD_FROM", 2)


class Waiting(Recorder):
    """Looks at what waits whenever a trial has trained an epoch."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.seen: dict[int, tuple[TrialSnapshot, ...]] = {}

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        self.seen[number] = snapshot(self._url).of_state("WAITING")


def test_the_next_trial_waits_with_its_parameters_while_one_trains(url: str) -> None:
    create(url, tiny(SIX))
    watch = Waiting(url)
    run(url, watch)
    found = snapshot(url).trials
    assert [trial.state for trial in found] == ["COMPLETE"] * 6
    waited = {number: [each.number for each in seen] for number, seen in watch.seen.items()}
    # With one trial there are too few, and after the last one there is nothing to draw.
    assert waited == {0: [], 1: [2], 2: [3], 3: [4], 4: [5], 5: []}
    for (ahead,) in filter(None, watch.seen.values()):
        assert ahead.params == found[ahead.number].params


def test_a_trial_has_begun_when_it_was_given_not_when_it_was_drawn(url: str) -> None:
    create(url, tiny(SIX))
    run(url)
    found = snapshot(url).trials
    for before, after in pairwise(found):
        assert before.finished is not None
        assert after.started is not None
        assert before.finished <= after.started


def test_what_was_drawn_when_a_run_ended_is_the_first_of_the_next(url: str) -> None:
    create(url, tiny(SIX))
    ended = Recorder()
    enough = RunOptions(enough=lambda: "enough" if len(ended.ends) == 3 else None)
    run_study("tiny", url, enough, ended, launch=launch_thread)
    (waiting,) = snapshot(url).of_state("WAITING")
    later = Recorder()
    run(url, later)
    assert later.trials[0][0] == waiting.number == 3
    found = snapshot(url).trials
    assert found[3].params == waiting.params
    assert [trial.state for trial in found] == ["COMPLETE"] * 6


def test_what_somebody_queued_comes_first_and_nothing_is_drawn_meanwhile(url: str) -> None:
    create(url, tiny(SIX))
    run(url, trials=2)
    storage = open_storage(url)
    study = optuna.load_study(study_name="tiny", storage=storage)
    for latent in (3, 4):
        study.enqueue_trial({"model.latent": latent})
    close_storage(storage)
    watch = Waiting(url)
    run(url, watch, trials=6)
    found = snapshot(url).trials
    assert [trial.params["model.latent"] for trial in found[2:4]] == [3, 4]
    assert [each.number for each in watch.seen[2]] == [3]
    assert len(found) == 6


def test_what_cannot_be_built_is_refused_ahead_and_drawn_again(url: str) -> None:
    # Greedy training of some networks would leave no epoch for the whole one.
    text = "loss: {alpha: {values: [0.0, 1.0]}, beta: {values: [0.0, 1.0]}}\n"
    create(url, tiny(SIX + text))
    run(url, trials=12)
    found = snapshot(url).trials
    refused = [trial for trial in found if trial.refused]
    assert refused
    assert all(trial.state == "PRUNED" for trial in refused)
    assert len(found) == 12 + len(refused)
    assert not snapshot(url).of_state("WAITING")


def test_no_more_are_drawn_than_workers_may_be_free_at_once(url: str) -> None:
    create(url, tiny(SIX))
    run(url, trials=2)
    storage = open_storage(url)
    ledger = Ledger(storage, optuna.load_study(study_name="tiny", storage=storage))
    asker, lease = Asker(ledger, tiny(SIX), None), own_lease(0, 1)
    drawn = list[int | None]()
    for _ in range(3):
        trial = asker.start_ahead(lease, ledger.trials(), workers=2)
        drawn.append(None if trial is None else trial.number)
        if trial is not None:
            asker.propose(trial, ledger.trials())
            ledger.postpone(trial.number)
    assert drawn == [2, 3, None]
    assert [trial.number for trial in snapshot(url).of_state("WAITING")] == [2, 3]
    close_storage(storage)


def test_a_plan_knows_its_trials_and_draws_none(url: str) -> None:
    create(url, tiny("search: {method: grid, pruner: none, trials: 4}\n", text=DISCRETE))
    watch = Waiting(url)
    run(url, watch)
    assert watch.seen == {0: (), 1: (), 2: (), 3: ()}


class _Attentive(optuna.samplers.RandomSampler):
    """Draws at random, and remembers which running trials it knew with their parameters."""

    def __init__(self) -> None:
        super().__init__(seed=0)
        self.knew: list[list[int]] = []

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        # As TPE asks for them.
        others = study._get_trials(deepcopy=False, use_cache=True)
        self.knew.append([each.number for each in others if each.params])
        return super().sample_independent(study, trial, param_name, param_distribution)


def test_a_sampler_knows_what_was_drawn_a_moment_ago_and_has_not_ended(url: str) -> None:
    create(url, tiny(SIX))
    storage = open_storage(url)
    sampler = _Attentive()
    study = optuna.load_study(study_name="tiny", storage=storage, sampler=sampler)
    ledger = Ledger(storage, study)
    for _ in range(3):
        ledger.create(own_lease(0, 1)).suggest_float("x", 0.0, 1.0)
    assert sampler.knew == [[], [0], [0, 1]]
    close_storage(storage)
