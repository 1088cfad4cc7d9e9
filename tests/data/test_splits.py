"""Splits: fixed, disjoint, stratified."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.data import load
from autoae.data.images import Integers
from autoae.data.splits import held_out, stratified_order, training_and_validation
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError

labels = st.lists(st.integers(0, 5), min_size=1, max_size=200).map(
    lambda values: np.array(values, np.int64)
)


@given(labels, st.data())
def test_every_beginning_is_stratified(labels: Integers, data: st.DataObject) -> None:
    order = stratified_order(labels)
    assert sorted(order) == list(range(len(labels)))
    count = data.draw(st.integers(0, len(labels)))
    taken = np.bincount(labels[order[:count]], minlength=6)
    share = np.bincount(labels, minlength=6) * count / len(labels)
    # Rounding of the class itself and of the cut through all classes.
    assert np.abs(taken - share).max() <= len(np.unique(labels)) / 2 + 1


@given(labels, st.data())
def test_parts_are_disjoint_and_the_limit_holds(labels: Integers, data: st.DataObject) -> None:
    validation = data.draw(st.integers(0, len(labels) - 1))
    limit = data.draw(st.none() | st.integers(1, 300))
    train, held = training_and_validation(labels, validation, limit)
    assert not set(train) & set(held)
    assert len(held) == validation
    assert len(train) == min(len(labels) - validation, limit or len(labels))


def test_a_limit_leaves_the_validation_images() -> None:
    whole, limited = load(DataOptions()), load(DataOptions(limit=100))
    assert np.array_equal(whole.validation.indices, limited.validation.indices)
    assert set(limited.train.indices) < set(whole.train.indices)
    assert len(limited.train) == 100
    counts = np.bincount(limited.train.labels[limited.train.indices])
    assert counts.min() >= 9


def test_a_single_image_of_a_class_stays() -> None:
    stay, _ = held_out(np.array([0] * 9 + [1]), 2)
    assert 9 in stay


def test_a_tenth_is_held_out_unless_told() -> None:
    assert len(load(DataOptions()).validation) == 143
    assert len(load(DataOptions(validation=0)).validation) == 0
    assert len(load(DataOptions(validation=500)).validation) == 500


@pytest.mark.parametrize("count", [1437, 5000])
def test_validation_must_leave_images_to_train_on(count: int) -> None:
    with pytest.raises(SpecError, match=r"leave none to train on") as caught:
        load(DataOptions(validation=count))
    assert caught.value.key == "data.validation"
    assert "1437" in caught.value.hint
