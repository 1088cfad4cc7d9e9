"""Gradient accumulation makes the same steps as whole batches."""

import pytest

from autoae.training import Selection, Training, fit
from tests.training.toy import comparable, toy_configuration, toy_data


@pytest.mark.parametrize("parts", [2, 3])
def test_a_training_in_parts_is_the_training_in_whole(parts: int) -> None:
    data, select = toy_data(), Selection.by("val_loss")
    configuration = toy_configuration()
    whole = Training.create([configuration], data, select=select)
    split = Training.create([configuration], data, select=select, parts=parts)
    for one, other in zip(fit(whole, data), fit(split, data), strict=True):
        expected = pytest.approx(comparable(one.metrics[0]), rel=1e-3, abs=1e-5)
        assert comparable(other.metrics[0]) == expected
