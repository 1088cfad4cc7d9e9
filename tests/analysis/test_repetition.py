"""When a trial that was trained again has come out."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from autoae.analysis.repetition import Side, environment_differences, repetition
from autoae.spec.settings import Objective

HERE = {
    "packages": {"autoae": "1", "torch": "2", "numpy": "2"},
    "device_name": "a processor",
    "threads": 1,
    "precision": "float32",
    "stack": 1,
    "git_commit": None,
}
MSE = Objective(metric="val_mse", direction="minimize")
ACCURACY = Objective(metric="val_accuracy", direction="maximize")


def side(environment: Mapping[str, object] = HERE, **best: float) -> Side:
    """A training of one epoch."""
    epoch: dict[str, float | None] = {"epoch": 1, "samples_per_second": len(best), **best}
    return Side(environment, [epoch], {"params": 100.0, **best})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"packages": {"autoae": "1", "torch": "3", "numpy": "2"}}, "torch 2 then, 3 here"),
        ({"device_name": "another"}, "device name a processor then, another here"),
        ({"threads": 2}, "threads 1 then, 2 here"),
        ({"precision": "bfloat16"}, "precision float32 then, bfloat16 here"),
        ({"stack": 16}, "stack 1 then, 16 here"),
    ],
)
def test_what_figures_depend_on_is_told(changed: dict[str, object], said: str) -> None:
    assert list(environment_differences(HERE, {**HERE, **changed})) == [said]


def test_what_they_do_not_depend_on_or_nobody_knows_is_no_difference() -> None:
    other = {**HERE, "system": "another", "cores": 99, "git_commit": "abc"}
    assert list(environment_differences(HERE, other)) == []
    (unknown,) = environment_differences({}, HERE)
    assert "not known" in unknown


def test_in_the_same_environment_every_figure_has_to_be_the_same() -> None:
    then = side(val_mse=0.5, train_loss=1.0)
    same = repetition(
        then, replace(then, epochs=[{**then.epochs[0], "samples_per_second": 9}]), [MSE]
    )
    assert (same.exact, same.holds, same.departure) == (True, True, "")
    # Not the objective, and by the last digit.
    other = repetition(then, side(val_mse=0.5, train_loss=1.0 + 1e-15), [MSE])
    assert not other.holds
    assert other.departure == "epoch 1: train_loss was 1.0, here 1.000000000000001"


@pytest.mark.parametrize(
    ("objective", "then", "now", "holds"),
    [
        (MSE, 0.1, 0.1049, True),
        (MSE, 0.1, 0.1051, False),
        (MSE, 0.1, 0.0949, False),
        (ACCURACY, 0.9, 0.856, True),
        (ACCURACY, 0.9, 0.854, False),
        (ACCURACY, 0.1, 0.119, True),
        (ACCURACY, 0.1, 0.121, False),
    ],
)
def test_elsewhere_the_objectives_have_a_tolerance(
    objective: Objective, then: float, now: float, holds: bool
) -> None:
    elsewhere = {**HERE, "device_name": "another"}
    found = repetition(
        side(HERE, **{objective.metric: then, "train_loss": 1.0}),
        side(elsewhere, **{objective.metric: now, "train_loss": 9.0}),
        [objective],
    )
    assert (found.exact, found.holds) == (False, holds)
    assert found.departure.startswith("epoch 1: ")


def test_parameters_are_the_same_everywhere() -> None:
    now = replace(side({}, val_mse=0.5), best={"val_mse": 0.5, "params": 101.0})
    assert not repetition(side({}, val_mse=0.5), now, [MSE]).holds


def test_what_is_missing_does_not_come_out() -> None:
    found = repetition(side(val_mse=0.5), Side(HERE, [], {"params": 100.0}), [MSE])
    assert not found.holds
    assert found.departure == "epoch 1: epoch was 1, here None"


def test_a_study_of_costs_is_held_to_its_loss() -> None:
    cost = Objective(metric="latency_ms", direction="minimize")
    found = repetition(side(val_loss=0.5), side(val_loss=0.6), [cost])
    assert [figure.name for figure in found.figures] == ["val_loss", "params"]
    assert not found.holds
