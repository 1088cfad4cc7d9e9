"""When a run ends, and what it says."""

import signal
import sys
import threading
from collections.abc import Mapping

import pytest

from autoae.search.ending import MOST_REFUSALS
from autoae.search.errors import SearchError
from autoae.search.figures import selecting, to_minimise, values_of
from autoae.search.interrupts import Interrupts
from autoae.search.progress import Tally
from autoae.spec.settings import Objective
from autoae.store.leases import own_lease
from autoae.store.reasons import kind_of
from tests.search.support import TINY, TWO, Recorder, create, run, snapshot, tiny


def test_refusals_are_counted_in_a_row() -> None:
    tally = Tally()
    for _ in range(MOST_REFUSALS - 1):
        tally.count("PRUNED", "too large", mark="refused")
    tally.count("COMPLETE", "")
    tally.count("PRUNED", "too large", mark="refused")
    assert tally.refusals == 1
    assert tally.states == {"PRUNED": MOST_REFUSALS, "COMPLETE": 1}


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ([("FAIL", "x")] * 3, "x"),
        ([("FAIL", "x"), ("FAIL", "y"), ("FAIL", "x"), ("FAIL", "x")], ""),
        ([("COMPLETE", ""), *[("FAIL", "x")] * 3], ""),
        ([("FAIL", "x")] * 2, ""),
    ],
)
def test_only_one_reason_for_the_first_trials_is_hopeless(
    ends: list[tuple[str, str]], reason: str
) -> None:
    tally = Tally()
    for end in ends:
        tally.count(*end)
    assert tally.same_failure(3) == reason


def test_reasons_that_differ_in_figures_take_longer_to_be_hopeless() -> None:
    tally = Tally()
    rates = ("3.19497e+31", "2e5", "0.5")
    for rate in rates:
        tally.count("FAIL", f"the loss is not finite in epoch 1 (learning rate {rate})")
    assert tally.same_failure(3) == ""
    assert tally.same_failure(3, kind_of).endswith("(learning rate 3.19497e+31)")
    assert tally.same_failure(4, kind_of) == ""


def test_a_study_whose_trials_all_diverge_ends_and_says_so(url: str) -> None:
    diverging = TINY.replace("min: 1e-3, max: 1e-1", "min: 1e30, max: 1e32").replace(
        "epochs: 2", "optimizer: sgd, epochs: 2"
    )
    create(url, tiny("search: {method: random, trials: 50}\n", text=diverging))
    with pytest.raises(SearchError, match="first 10 trials failed for the same reason") as caught:
        run(url)
    assert "loss is not finite in epoch 1" in caught.value.message
    assert "--if-exists reuse" in caught.value.hint
    assert [trial.state for trial in snapshot(url).trials] == ["FAIL"] * 10


def test_a_trial_that_is_repeated_did_not_fail_by_itself() -> None:
    tally = Tally()
    for _ in range(3):
        tally.count("FAIL", "worker killed by SIGKILL", mark="repeated")
    assert tally.same_failure(3) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_the_first_signal_rings_and_the_second_raises() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        assert not interrupts.asked
        signal.raise_signal(signal.SIGTERM)
        assert interrupts.asked
        assert interrupts.alarm.poll(1)
        interrupts.silence()
        assert not interrupts.alarm.poll()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_study_may_run_outside_the_main_thread(url: str) -> None:
    create(url, tiny("search: {trials: 1}\n"))
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(run(url)))
    thread.start()
    thread.join()
    assert dict(outcomes[0].finished) == {"COMPLETE": 1}


def test_running_trials_give_a_sign_of_life(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.search.book.REFRESH_SECONDS", 0)
    create(url, tiny("search: {trials: 1}\n"))
    heard = _WatchesLeases(url)
    run(url, heard)
    first, *_, last = heard.seen
    assert first < last
    (trial,) = snapshot(url).trials
    assert trial.lease is not None
    assert trial.lease.coordinator_pid == own_lease(0, 1).coordinator_pid


def test_figures_of_several_objectives() -> None:
    spec = tiny(TWO)
    figures = {"val_mse": 0.25, "val_accuracy": 0.75, "params": 9.0}
    assert values_of(spec.objectives, figures) == ([0.25, 0.75], "")
    assert to_minimise(spec.objectives, figures) == [0.25, -0.75]
    assert values_of(spec.objectives, {"val_mse": 0.25}) == ([], "val_accuracy")
    assert values_of(spec.objectives, {**figures, "val_mse": float("nan")}) == ([], "val_mse")


@pytest.mark.parametrize(
    ("metrics", "validation", "selects"),
    [
        (("val_accuracy",), "100", "val_accuracy"),
        (("val_mse", "val_accuracy"), "100", "val_loss"),
        (("params",), "100", "val_loss"),
        (("params", "flops"), "0", "train_loss"),
    ],
)
def test_what_chooses_the_best_epoch(
    metrics: tuple[str, ...], validation: str, selects: str
) -> None:
    objectives = tuple(Objective(metric=name, direction="minimize") for name in metrics)
    configuration = tiny().configuration(lambda _, domain: domain.ends[0])
    data = configuration.data.model_copy(update={"validation": int(validation)})
    chosen = selecting(objectives, configuration.model_copy(update={"data": data}))
    assert chosen.metric == selects


class _WatchesLeases(Recorder):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.seen: list[float] = []

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        self.seen += [trial.lease.seen for trial in snapshot(self._url).trials if trial.lease]
