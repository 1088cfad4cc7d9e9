"""Trials asked for by a person are checked before they wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.search.enqueue import checked_params, enqueue
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study
from tests.search.support import TINY, create, run, snapshot, tiny

SPEC = tiny(text=TINY.replace("limit: 200", "limit: 200, augment: {values: [[], [flip]]}"))


def test_a_queued_trial_runs_first_with_its_values(url: str) -> None:
    storage = open_storage(url)
    study = create_study(storage, tiny("search: {trials: 2, pruner: none}\n"))
    enqueue(study, {"model.encoder.depth": 2, "training.lr": 0.05})
    close_storage(storage)
    run(url)
    first, _ = snapshot(url).trials
    assert first.state == "COMPLETE"
    assert first.params["model.encoder.depth"] == 2
    assert first.params["training.lr"] == 0.05
    # What was left open was drawn.
    assert set(first.params) == set(tiny().domains())


def test_values_are_kept_as_optuna_keeps_them() -> None:
    given_params: dict[str, Value] = {"training.lr": 0.01, "data.augment": ["flip"]}
    assert checked_params(SPEC, given_params) == {"training.lr": 0.01, "data.augment": '["flip"]'}


@given(st.floats(1e-3, 1e-1), st.integers(2, 8), st.sampled_from([8, 16]))
def test_what_lies_in_the_space_is_taken(rate: float, latent: int, width: int) -> None:
    params: dict[str, Value] = {
        "training.lr": rate,
        "model.latent": latent,
        "model.encoder.width.1": width,
    }
    assert checked_params(SPEC, params) == params


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("training.rl", 0.1, "did you mean 'training.lr'"),
        ("training.lr", 0.5, "not between 0.001 and 0.1"),
        ("training.lr", "fast", "expected a number"),
        ("training.lr", True, "expected a number"),
        ("model.latent", 2.5, "no step of 1"),
        ("model.latent", 9, "not between 2 and 8"),
        ("model.encoder.width.1", 12, r"none of the study's values \[8, 16\]"),
        ("data.augment", "flip", "none of the study's values"),
    ],
)
def test_what_lies_outside_is_refused(key: str, value: Value, message: str) -> None:
    with pytest.raises(SpecError, match=message) as refused:
        checked_params(SPEC, {key: value})
    assert refused.value.key == key


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
