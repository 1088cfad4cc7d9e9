"""What every pruner promises, with one objective and with several."""

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.search.pruners import PRUNERS, largest_epochs, powers, pruner_name
from tests.search.support import TINY, TWO, create, run, snapshot, tiny

LONGER = TINY.replace("epochs: 2", "epochs: 5")


def text(pruner: str, method: str = "tpe", trials: int = 12) -> str:
    search = f"search: {{pruner: {pruner}, method: {method}, trials: {trials}}}\n"
    return LONGER + search


@pytest.mark.parametrize("pruner", PRUNERS)
def test_one_objective(pruner: str, url: str) -> None:
    create(url, tiny(text=text(pruner)))
    run(url)
    trials = snapshot(url).trials
    assert {trial.state for trial in trials} <= {"COMPLETE", "PRUNED"}
    for trial in trials:
        assert [epoch for epoch, _ in trial.curve] == list(range(1, trial.epochs + 1))
        if trial.state == "PRUNED":
            assert trial.epochs in PRUNERS[pruner].rungs(5)
            assert trial.reason == f"fell behind after epoch {trial.epochs}"
        else:
            assert (trial.epochs, trial.reason) == (5, "")
    pruned = sum(trial.state == "PRUNED" for trial in trials)
    assert (pruned == 0) if pruner == "none" else (0 < pruned < 12)


@pytest.mark.parametrize("pruner", PRUNERS)
@pytest.mark.parametrize("method", ["tpe", "nsga2"])
def test_several_objectives(pruner: str, method: str, url: str) -> None:
    # More trials than either sampler draws at random: it must learn from the pruned ones.
    create(url, tiny(TWO, text=text(pruner, method, trials=16)))
    run(url)
    trials = snapshot(url).trials
    assert {trial.state for trial in trials} <= {"COMPLETE", "PRUNED"}
    for trial in trials:
        assert set(trial.curves) == {"val_mse", "val_accuracy"}
        assert all(len(curve) == trial.epochs for curve in trial.curves.values())
        assert len(trial.values) == (2 if trial.state == "COMPLETE" else 0)
    pruned = [trial for trial in trials if trial.state == "PRUNED"]
    assert bool(pruned) == (pruner != "none")
    plain = optuna.load_study(study_name="tiny", storage=url)
    assert not any(trial.intermediate_values for trial in plain.get_trials(deepcopy=False))


@pytest.mark.parametrize("objectives", ["", TWO])
def test_nothing_is_pruned_in_the_first_of_two_stages(objectives: str, url: str) -> None:
    staged = text("successive-halving", "random").replace(
        "epochs: 5}", "epochs: 5, end_to_end: false, first_epochs: 3}"
    )
    create(url, tiny(objectives, text=staged))
    run(url)
    trials = snapshot(url).trials
    assert {trial.state for trial in trials} == {"COMPLETE", "PRUNED"}
    # The only epoch between the first stage and the last epoch.
    assert {trial.epochs for trial in trials if trial.state == "PRUNED"} == {4}
    assert all(trial.epoch in (4, 5) for trial in trials)


def test_several_objectives_prune_after_a_resume_as_well(url: str) -> None:
    create(url, tiny(TWO, text=text("median", "random", trials=8)))
    run(url)
    run(url, trials=9)
    last = snapshot(url).trials[8]
    # What it is compared with was read from the storage.
    assert last.state in ("COMPLETE", "PRUNED")
    assert len(last.curve) == last.epochs


def test_a_list_runs_to_the_end_whatever_its_pruner() -> None:
    ranges = "search: {method: list, pruner: median}\nvariants: {a: {model.latent: 2}}\n"
    constant = "model: {encoder: L(8)}\n"
    assert pruner_name(tiny(text=constant + ranges)) == "none"


def test_an_objective_without_epochs_prunes_nothing() -> None:
    one = "objectives: [{metric: params, direction: minimize}]\n"
    assert pruner_name(tiny(one)) == "none"
    assert pruner_name(tiny()) == "successive-halving"


@given(st.integers(1, 500))
def test_the_rungs_of_halving(epochs: int) -> None:
    rungs = sorted(powers(epochs))
    assert all(rung < epochs for rung in rungs)
    assert rungs == [4**k for k in range(len(rungs))]
    assert 4 ** len(rungs) >= epochs


@pytest.mark.parametrize(
    ("epochs", "largest"),
    [("7", 7), ("{min: 2, max: 9}", 9), ("{values: [3, 11, 5]}", 11)],
)
def test_the_largest_number_of_epochs(epochs: str, largest: int) -> None:
    assert largest_epochs(tiny(text=TINY.replace("epochs: 2", f"epochs: {epochs}"))) == largest


def test_the_default_number_of_epochs() -> None:
    assert largest_epochs(tiny(text=TINY.replace(", epochs: 2", ""))) == 20
