"""Values that a person gives to parameters are held against the space of the study."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.spec.allowed import checked_params
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from tests.search.support import TINY, tiny

SPEC = tiny(text=TINY.replace("limit: 200", "limit: 200, augment: {values: [[], [flip]]}"))


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
