"""Contracts over every optimizer, schedule and reconstruction loss."""

from typing import get_args

import pytest
import torch

from autoae.spec.config import LossOptions, TrainingOptions
from autoae.training import Training, fit
from autoae.training.loss import RECONSTRUCTIONS
from autoae.training.optimizers import OPTIMIZERS, make_optimizer
from autoae.training.schedules import SCHEDULES
from tests.training.toy import CPU, comparable, toy_configuration, toy_data, toy_training, train

RATES = {"sgd": 0.3, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.05, "rmsprop": 0.001}


def _choices(section: type[LossOptions | TrainingOptions], field: str) -> set[str]:
    return set(get_args(section.model_fields[field].annotation))


def test_the_study_file_names_exactly_what_is_registered() -> None:
    assert set(OPTIMIZERS) == _choices(TrainingOptions, "optimizer")
    assert set(SCHEDULES) == _choices(TrainingOptions, "schedule")
    assert set(RECONSTRUCTIONS) == _choices(LossOptions, "reconstruction")


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_loss_falls(optimizer: str) -> None:
    rate = RATES.get(optimizer, 0.01)
    options = {"optimizer": optimizer, "lr": rate, "epochs": 8}
    _, reports = train(toy_configuration(training=options), data=toy_data())
    losses = [report.metrics[0]["train_loss"] for report in reports]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_weight_decay_and_momentum_reach_the_optimizer(optimizer: str) -> None:
    options = TrainingOptions.model_validate(
        {"optimizer": optimizer, "weight_decay": 0.03, "momentum": 0.7, "lr": 0.02}
    )
    group = make_optimizer([torch.nn.Parameter(torch.ones(2))], options, CPU).param_groups[0]
    assert (group["lr"], group["weight_decay"]) == (0.02, 0.03)
    if optimizer in {"momentum", "nesterov", "rmsprop"}:
        assert group["momentum"] == 0.7
    assert group.get("momentum", 0) == 0 or optimizer != "sgd"
    assert group.get("nesterov", False) == (optimizer == "nesterov")


def test_nesterov_without_momentum_is_the_plain_step() -> None:
    data = toy_data()
    options = {"lr": 0.1, "momentum": 0.0, "epochs": 1}
    plain, nesterov = (
        train(toy_configuration(training={**options, "optimizer": name}), data=data)[1]
        for name in ("sgd", "nesterov")
    )
    assert comparable(plain[0].metrics[0]) == comparable(nesterov[0].metrics[0])


def _rates(training: Training) -> list[float]:
    """The learning rate after each epoch."""
    member = training.member(0)
    return [member.learning_rate for _ in fit(training, toy_data())]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("none", [0.01, 0.01, 0.01, 0.01]),
        ("step", [0.01, 0.005, 0.005, 0.0025]),
        ("cosine", [0.01 * 0.853553, 0.005, 0.01 * 0.146447, 0.0]),
    ],
)
def test_the_learning_rate_after_each_epoch(schedule: str, expected: list[float]) -> None:
    options = {"epochs": 4, "schedule": schedule, "schedule_every": 2}
    assert _rates(toy_training(toy_configuration(training=options), data=toy_data())) == (
        pytest.approx(expected, abs=1e-8)
    )


def test_one_cycle_rises_and_falls_by_steps() -> None:
    options = {"epochs": 10, "schedule": "one-cycle"}
    training = toy_training(toy_configuration(training=options), data=toy_data())
    assert training.member(0).learning_rate < 0.001
    rates = _rates(training)
    assert max(rates) == pytest.approx(0.01, rel=0.05)
    assert rates.index(max(rates)) == 2
    assert rates[-1] < 1e-4


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_one_cycle_leaves_momentum_as_configured(optimizer: str) -> None:
    options = {"epochs": 2, "schedule": "one-cycle", "optimizer": optimizer}
    training, _ = train(toy_configuration(training=options), data=toy_data())
    group = training.member(0).optimizer.param_groups[0]
    assert group.get("momentum", 0) in {0, 0.9}
    assert group.get("betas", (0.9, 0.999)) == (0.9, 0.999)


def test_plateau_waits_for_the_selection_metric() -> None:
    # So small a learning rate changes no prediction: no epoch is better than the first.
    options = {"epochs": 6, "schedule": "plateau", "schedule_patience": 1, "lr": 1e-7}
    training = toy_training(
        toy_configuration(training=options), data=toy_data(), select="val_accuracy"
    )
    assert _rates(training) == pytest.approx([1e-7, 1e-7, 5e-8, 5e-8, 2.5e-8, 2.5e-8])


@pytest.mark.parametrize(("threshold", "falls"), [(0.0, False), (0.9, True)])
def test_plateau_takes_small_improvements_for_none(threshold: float, falls: bool) -> None:
    options = {
        "epochs": 3,
        "schedule": "plateau",
        "schedule_patience": 0,
        "schedule_threshold": threshold,
    }
    rates = _rates(toy_training(toy_configuration(training=options), data=toy_data()))
    assert (rates[-1] < rates[0]) is falls


def test_plateau_goes_no_lower_than_told() -> None:
    options = {"epochs": 4, "schedule": "plateau", "schedule_patience": 0, "lr": 4e-7}
    training = toy_training(
        toy_configuration(training={**options, "schedule_least_lr": 1.5e-7}),
        data=toy_data(),
        select="val_accuracy",
    )
    assert _rates(training) == pytest.approx([4e-7, 2e-7, 1.5e-7, 1.5e-7])


@pytest.mark.parametrize("kind", sorted(RECONSTRUCTIONS))
def test_every_reconstruction_loss_trains(kind: str) -> None:
    configuration = toy_configuration(
        model={"task": "none"}, loss={"reconstruction": kind}, training={"epochs": 6}
    )
    _, reports = train(configuration, data=toy_data())
    errors = [report.metrics[0]["val_mse"] for report in reports]
    assert errors[-1] < errors[0]
