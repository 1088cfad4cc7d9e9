"""What running a study promises, on real trainings."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from safetensors.numpy import load_file

from autoae.data.resident import ResidentData
from autoae.search.errors import SearchError
from autoae.search.opening import evaluate_study
from autoae.search.run import RunOptions, run_study
from autoae.spec.errors import UserError
from autoae.store.commands import StudyCommands
from autoae.store.errors import StudyNotFound
from autoae.store.runs import run_root, trial_folder
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from autoae.training import Training, fit
from tests.search.support import (
    TINY,
    TWO,
    Recorder,
    create,
    launch_thread,
    run,
    snapshot,
    tiny,
)

WHOLE = "search: {method: random, pruner: none, trials: 3}\n"


def test_plain_optuna_sees_what_was_found(url: str) -> None:
    create(url, tiny(WHOLE))
    run(url)
    plain = optuna.load_study(study_name="tiny", storage=url)
    assert plain.metric_names == ["val_accuracy"]
    for trial in plain.get_trials(deepcopy=False):
        assert sorted(trial.intermediate_values) == [1, 2]
        assert trial.value == max(trial.intermediate_values.values())
        assert trial.value == trial.user_attrs["val_accuracy"]
        assert trial.intermediate_values[trial.user_attrs["epoch"]] == trial.value
        assert trial.user_attrs["notation"].startswith("L(")
        assert trial.user_attrs["params"] > 0
        assert trial.user_attrs["configuration"]["training"]["lr"] == trial.params["training.lr"]
        assert {"flops", "latent_ratio", "seconds", "memory_mb", "seed"} <= set(trial.user_attrs)
        assert "latency_ms" not in trial.user_attrs


def test_a_budget_is_that_of_all_runs(url: str) -> None:
    create(url, tiny(WHOLE))
    assert dict(run(url).finished) == {"COMPLETE": 3}
    again = run(url)
    assert dict(again.finished) == {}
    assert "budget of 3" in again.stopped_because
    assert dict(run(url, trials=5).finished) == {"COMPLETE": 2}
    # It was set anew, not for one run.
    assert snapshot(url).budget == 5
    assert dict(run(url).finished) == {}


def test_the_observer_hears_everything_in_order(url: str) -> None:
    create(url, tiny(WHOLE))
    heard = Recorder()
    run(url, heard)
    assert heard.began == [("tiny", 3, 0)]
    found = snapshot(url).trials
    assert heard.trials == [(t.number, t.notation, t.costs["params"]) for t in found]
    assert [each[:3] for each in heard.epochs] == [(n, e, 2) for n in range(3) for e in (1, 2)]
    assert all("val_accuracy" in names for *_, names in heard.epochs)
    assert heard.ends == [(t.number, "COMPLETE", t.values, "") for t in found]


def test_a_run_folder_holds_what_a_training_leaves(url: str) -> None:
    create(url, tiny(WHOLE + "costs: [latency_ms]\n"))
    run(url)
    trial = snapshot(url).trials[1]
    folder = trial_folder(run_root(url), "tiny", 1)
    assert json.loads(folder.configuration.read_text()) == trial.configuration
    assert [line["epoch"] for line in folder.read_metrics()] == [1, 2]
    assert [line["val_accuracy"] for line in folder.read_metrics()] == [v for _, v in trial.curve]
    weights = load_file(folder.weights)
    assert sum(each.size for each in weights.values()) == trial.costs["params"]
    assert json.loads(folder.best.read_text())["epoch"] == trial.epoch
    with np.load(folder.arrays) as seen:
        assert seen["confusion"].sum() == 100
        assert len(seen["originals"]) == len(seen["reconstructions"]) == 10
    assert json.loads(folder.environment.read_text())["seed"] == trial.seed
    assert folder.checkpoint.exists()
    assert not folder.error.exists()
    assert trial.costs["latency_ms"] > 0


ENGINES = """\
search: {method: list}
variants:
  by torch: {training.engine: torch}
  by hand: {training.engine: numpy}
"""
PERCEPTRON = """\
data: {limit: 200, validation: 100}
model: {encoder: L(16), latent: 4, task: classify}
training: {lr: 0.01, epochs: 2, optimizer: nadam}
"""


def test_both_engines_leave_the_same_behind(url: str) -> None:
    create(url, tiny(ENGINES, text=PERCEPTRON))
    run(url)
    by_torch, by_hand = snapshot(url).of_state("COMPLETE")
    measured = {"samples_per_second"}
    assert {k: v for k, v in by_hand.metrics.items() if k not in measured} == pytest.approx(
        {k: v for k, v in by_torch.metrics.items() if k not in measured}, rel=1e-4
    )
    torch_files, numpy_files = (
        trial_folder(run_root(url), "tiny", each.number) for each in (by_torch, by_hand)
    )
    assert sorted(path.name for path in torch_files.path.iterdir()) == sorted(
        path.name for path in numpy_files.path.iterdir()
    )
    kept = load_file(torch_files.weights)
    for name, weights in load_file(numpy_files.weights).items():
        np.testing.assert_allclose(weights, kept[name], rtol=1e-3, atol=1e-4)
    found = evaluate_study(snapshot(url), run_root(url), 1, tell=lambda _: None)
    accuracies = [each.figures["test_accuracy"] for each in found.trials]
    assert accuracies[0] == pytest.approx(accuracies[1], abs=0.01)


def test_the_device_of_a_run_wins(url: str) -> None:
    create(url, tiny(WHOLE, text=TINY.replace("epochs: 2", "epochs: 1, device: mps")))
    options = RunOptions(trials=1, device="cpu")
    run_study("tiny", url, options, Recorder(), launch=launch_thread)
    training = snapshot(url).trials[0].configuration["training"]
    assert isinstance(training, dict)
    assert training["device"] == "cpu"


def test_networks_beyond_the_limits_are_refused_and_not_counted(url: str) -> None:
    create(url, tiny(WHOLE + "limits: {params: 1600}\n"))
    heard = Recorder()
    run(url, heard)
    trials = snapshot(url).trials
    assert sum(trial.state == "COMPLETE" for trial in trials) == 3
    refused = [trial for trial in trials if trial.refused]
    assert refused
    for trial in refused:
        assert trial.state == "PRUNED"
        assert trial.epochs == 0
        assert "is above the limit 1,600" in trial.reason
        assert (trial.number, "PRUNED", (), trial.reason) in heard.ends
    assert len(snapshot(url).counted) == 3


def test_combinations_that_cannot_be_built_are_refused_with_their_reason(url: str) -> None:
    text = TINY.replace(
        "{kind: mlp, depth: {min: 1, max: 2}, width: {values: [8, 16]}}",
        "{kind: conv, depth: {min: 1, max: 5}, width: 4}",
    )
    create(url, tiny("search: {method: grid, pruner: none, trials: 4}\n", text=_discrete(text)))
    run(url)
    reasons = [trial.reason for trial in snapshot(url).trials if trial.refused]
    assert reasons
    assert all("C(4)" in reason for reason in reasons)


def test_a_space_of_refusals_ends_the_study(url: str) -> None:
    create(url, tiny(WHOLE + "limits: {params: 1}\n"))
    with pytest.raises(SearchError, match="100 networks in a row were refused"):
        run(url)
    found = snapshot(url)
    assert len(found.trials) == 100
    assert not found.counted


def test_a_diverged_trial_fails_with_epoch_and_learning_rate(url: str) -> None:
    text = TINY.replace("{min: 1e-3, max: 1e-1, log: true}", "{values: [0.01, 1.0e+30]}")
    create(url, tiny("search: {method: grid, pruner: none, trials: 12}\n", text=text))
    run(url)
    trials = snapshot(url).trials
    failed = [trial for trial in trials if trial.state == "FAIL"]
    assert failed
    assert all("not finite in epoch 1" in t.reason and "1e+30" in t.reason for t in failed)
    assert sum(trial.state == "COMPLETE" for trial in trials) == 12 - len(failed)


def test_a_defect_ends_its_trial_and_leaves_its_trace(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(url, tiny(WHOLE))
    calls = iter([True, False, False])
    monkeypatch.setattr("autoae.search.training_run.fit", _failing_if(calls))
    run(url)
    first, *others = snapshot(url).trials
    assert (first.state, first.reason) == ("FAIL", "ZeroDivisionError: division by zero")
    assert "Traceback" in trial_folder(run_root(url), "tiny", 0).error.read_text()
    assert [trial.state for trial in others] == ["COMPLETE"] * 2


def test_one_failure_for_all_ends_the_study(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create(url, tiny(WHOLE.replace("3", "30")))
    monkeypatch.setattr("autoae.search.training_run.fit", _failing_if(iter([True] * 30)))
    with pytest.raises(SearchError, match="first 3 trials failed for the same reason: Zero"):
        run(url)
    states = [trial.state for trial in snapshot(url).trials]
    assert states == ["FAIL"] * 3


def test_after_the_time_limit_no_trial_starts(url: str) -> None:
    create(url, tiny(WHOLE.replace("3", "1000")))
    outcome = run(url, timeout=1e-6)
    assert "time limit" in outcome.stopped_because
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE"]


def test_a_request_stops_the_study_and_loses_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.search.inbox.POLL_SECONDS", 0)
    create(url, tiny(WHOLE.replace("3", "1000")))
    outcome = run(url, _StopsAfterThree(url))
    assert (outcome.stopped_because, outcome.interrupted) == ("stopped on request", False)
    found = snapshot(url)
    assert not found.of_state("RUNNING")
    repeated = {trial.retried_from for trial in found.of_state("WAITING")}
    assert repeated == {trial.number for trial in found.of_state("FAIL")}
    # It does not bind the next run.
    assert "budget" in run(url, trials=len(found.counted) + 1).stopped_because


def test_variants_run_with_every_seed_and_to_the_end(url: str) -> None:
    text = """\
data: {limit: 200, validation: 100}
model: {encoder: L(8), latent: 2}
training: {epochs: 3, seed: 5}
search: {method: list, seeds: 2}
variants: {plain: {}, wide: {model.encoder: L(32)}, deep: {model.encoder: L(8) > L(8)}}
"""
    create(url, tiny(text=text))
    run(url)
    trials = snapshot(url).trials
    assert [(t.variant, t.seed, t.state, t.epochs) for t in trials] == [
        (variant, seed, "COMPLETE", 3) for seed in (5, 6) for variant in ("plain", "wide", "deep")
    ]
    assert trials[0].values != trials[3].values
    assert run(url, trials=100).stopped_because == "every planned trial is done"


def test_several_objectives_may_be_costs(url: str) -> None:
    costs = """\
objectives:
  - {metric: val_mse, direction: minimize}
  - {metric: params, direction: minimize}
  - {metric: latency_ms, direction: minimize}
"""
    create(url, tiny(WHOLE.replace("none", "successive-halving") + costs))
    run(url)
    for trial in snapshot(url).of_state("COMPLETE"):
        assert trial.values[1:] == (trial.costs["params"], trial.costs["latency_ms"])
        assert trial.curves["params"] == tuple((e, trial.costs["params"]) for e in (1, 2))


def test_a_trial_ended_from_outside_stays_as_it_was_ended(url: str) -> None:
    create(url, tiny(WHOLE))
    heard = _EndsFromOutside(url)
    run(url, heard)
    trials = snapshot(url).trials
    assert trials[0].state == "FAIL"
    assert any("ended by another program" in message for message in heard.messages)
    assert [trial.state for trial in trials[1:]] == ["COMPLETE"] * 2


def test_a_missing_study_or_data_set_is_told_before_any_worker(url: str) -> None:
    create(url, tiny(WHOLE, text=TINY.replace("limit: 200", "limit: 200, dataset: digit")))
    with pytest.raises(UserError, match="unknown data set 'digit'; did you mean 'digits'"):
        run(url)
    with pytest.raises(StudyNotFound, match="did you mean 'tiny'"):
        run_study("tinny", url, RunOptions(), Recorder(), launch=launch_thread)
    assert not snapshot(url).trials


def test_two_objectives_choose_the_epoch_of_the_least_loss(url: str) -> None:
    create(url, tiny(WHOLE + TWO))
    run(url)
    for trial in snapshot(url).trials:
        lines = trial_folder(run_root(url), "tiny", trial.number).read_metrics()
        losses = [line["val_loss"] for line in lines]
        assert trial.metrics["val_loss"] == min(loss for loss in losses if loss is not None)


def _discrete(text: str) -> str:
    return text.replace("{min: 1e-3, max: 1e-1, log: true}", "0.01").replace(
        "{min: 2, max: 8, log: true}", "2"
    )


def _failing_if(calls: Iterator[bool]) -> Callable[[Training, ResidentData], object]:
    def fit_or_fail(training: Training, data: ResidentData) -> object:
        return 1 / 0 if next(calls) else fit(training, data)

    return fit_or_fail


class _StopsAfterThree(Recorder):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        if len(self.ends) == 3:
            storage = open_storage(self._url)
            StudyCommands(storage, load_study(storage, "tiny")).stop()
            close_storage(storage)


class _EndsFromOutside(Recorder):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        super().trial_started(number, notation, costs)
        if number == 0:
            plain = optuna.load_study(study_name="tiny", storage=self._url)
            plain.tell(0, state=TrialState.FAIL)
