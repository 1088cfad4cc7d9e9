from random import Random

import pytest

from autoae.analysis.importance import FEWEST, importance
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.store.snapshot import TrialSnapshot
from tests.snapshots import study, trial

DOMAINS: dict[str, Domain] = {
    "training.lr": FloatRange(1e-4, 1e-1, log=True),
    "model.latent": IntRange(2, 64, log=True),
    "model.batch_norm": Choices((True, False)),
    "model.encoder.depth": IntRange(1, 2),
    "model.encoder.width.2": Choices((16, 32)),
}


def _trials(count: int) -> list[TrialSnapshot]:
    random = Random(3)
    return [_trial(number, random) for number in range(count)]


def _trial(number: int, random: Random) -> TrialSnapshot:
    lr, depth = 10 ** random.uniform(-4, -1), random.randint(1, 2)
    params: dict[str, Value] = {
        "training.lr": lr,
        "model.latent": random.randint(2, 64),
        "model.batch_norm": random.random() < 0.5,
        "model.encoder.depth": depth,
    }
    if depth == 2:
        params["model.encoder.width.2"] = random.choice((16, 32))
    return trial(number, 1 - lr, params=params)


def test_the_parameter_that_alone_decides_comes_first_and_shares_add_to_one() -> None:
    found = importance(study(_trials(40)), DOMAINS)
    assert found.problem is None
    assert found.trials == 40
    assert next(iter(found.shares)) == "training.lr"
    assert sum(found.shares.values()) == pytest.approx(1)
    assert "model.encoder.width.2" in found.shares


def test_each_objective_has_its_own_importance() -> None:
    trials = [trial(t.number, 0.5, t.values[0], params=t.params) for t in _trials(20)]
    two = study(trials, "val_accuracy", "val_mse")
    assert importance(two, DOMAINS, 0).problem == "every complete trial has the same val_accuracy"
    assert importance(two, DOMAINS, 1).metric == "val_mse"


def test_trials_of_a_range_that_was_narrowed_since_still_count() -> None:
    narrower: dict[str, Domain] = {**DOMAINS, "model.latent": IntRange(30, 31)}
    assert importance(study(_trials(20)), narrower).problem is None


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_few_trials_give_no_importance_but_words(count: int) -> None:
    found = importance(study(_trials(count)), DOMAINS)
    assert found.problem == f"too few trials: {count} are complete, {FEWEST} are needed"
    assert not found.shares


def test_a_single_parameter_gives_no_importance_but_words() -> None:
    trials = [trial(n, n / 20, params={"training.lr": 0.001 * (n + 1)}) for n in range(12)]
    assert importance(study(trials), DOMAINS).problem == "only one parameter was varied"
