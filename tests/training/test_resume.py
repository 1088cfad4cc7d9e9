"""A training that goes on from a checkpoint is the one that was never interrupted."""

from io import BytesIO
from typing import Any

import pytest
import torch

from autoae.spec.config import Configuration, DataOptions
from autoae.training import EpochReport, Training, TrainingError, fit
from autoae.training.optimizers import OPTIMIZERS
from autoae.training.schedules import SCHEDULES
from tests.training.toy import (
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_training,
    weights_of,
)

FLIP = DataOptions(augment=("flip",))


def saved(training: Training) -> dict[str, Any]:
    """A checkpoint, through a file and the safe reader."""
    file = BytesIO()
    torch.save(training.state_dict(), file)
    file.seek(0)
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


def compare(configuration: Configuration, epochs: int) -> None:
    """Go on from a checkpoint after so many epochs, and end as if never interrupted."""
    data = toy_data(options=FLIP)
    whole = toy_training(configuration, data=data)
    checkpoint: dict[str, Any] = {}
    expected: list[EpochReport] = []
    for report in fit(whole, data):
        if report.epoch == epochs:
            checkpoint = saved(whole)
        expected.append(report)
    torch.rand(11)
    resumed = toy_training(configuration, data=data)
    resumed.load_state_dict(checkpoint)
    found = list(fit(resumed, data))
    assert [comparable(report.metrics[0]) for report in found] == [
        comparable(report.metrics[0]) for report in expected[epochs:]
    ]
    assert same_weights(weights_of(resumed), weights_of(whole))
    assert resumed.member(0).best_epoch == whole.member(0).best_epoch


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_later_epochs_are_the_same_to_the_bit(optimizer: str) -> None:
    model = {"dropout": 0.3, "batch_norm": True}
    training = {"optimizer": optimizer, "epochs": 5, "weight_decay": 1e-3}
    compare(toy_configuration(data={"augment": ["flip"]}, model=model, training=training), 2)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_so_they_are_in_the_numpy_engine(optimizer: str) -> None:
    training = {"engine": "numpy", "optimizer": optimizer, "epochs": 5, "schedule": "cosine"}
    compare(toy_configuration(data={"augment": ["flip"]}, training=training), 2)


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
def test_schedules_go_on_where_they_were(schedule: str) -> None:
    training = {
        "schedule": schedule,
        "epochs": 6,
        "schedule_every": 2,
        "schedule_patience": 0,
        "lr": 0.1,
    }
    compare(toy_configuration(training=training), 3)


def test_bfloat16_goes_on_too() -> None:
    model = {"encoder": "C(4) > S(8)"}
    compare(toy_configuration(model=model, training={"precision": "bfloat16"}), 1)


def test_early_stopping_goes_on_counting() -> None:
    options = {"epochs": 50, "early_stopping": 3, "lr": 1e-9}
    compare(toy_configuration(training=options), 2)


def test_a_checkpoint_of_the_last_epoch_only_restores() -> None:
    data = toy_data()
    configuration = toy_configuration(training={"lr": 0.3})
    whole = toy_training(configuration, data=data)
    checkpoints = [saved(whole) for _ in fit(whole, data)]
    resumed = toy_training(configuration, data=data)
    resumed.load_state_dict(checkpoints[-1])
    assert list(fit(resumed, data)) == []
    assert same_weights(weights_of(resumed), weights_of(whole))


def test_more_epochs_may_be_added() -> None:
    data = toy_data()
    short = toy_training(toy_configuration(training={"epochs": 2}), data=data)
    checkpoint = [saved(short) for _ in fit(short, data)][-1]
    longer = toy_training(toy_configuration(training={"epochs": 4}), data=data)
    longer.load_state_dict(checkpoint)
    assert [report.epoch for report in fit(longer, data)] == [3, 4]


def test_a_schedule_that_spans_all_epochs_is_not_made_longer() -> None:
    data = toy_data()
    options = {"schedule": "cosine", "epochs": 2}
    state = toy_training(toy_configuration(training=options), data=data).state_dict()
    longer = toy_training(toy_configuration(training={**options, "epochs": 3}), data=data)
    with pytest.raises(TrainingError, match="spans all epochs"):
        longer.load_state_dict(state)


def test_the_checkpoint_of_another_configuration_is_refused() -> None:
    data = toy_data()
    state = toy_training(toy_configuration(), data=data).state_dict()
    other = toy_training(toy_configuration(training={"lr": 0.5}), data=data)
    with pytest.raises(TrainingError, match="another configuration"):
        other.load_state_dict(state)


def test_the_checkpoint_of_more_members_is_refused() -> None:
    data = toy_data()
    configuration = toy_configuration()
    state = toy_training(configuration, configuration, data=data).state_dict()
    with pytest.raises(TrainingError, match="2 members"):
        toy_training(configuration, data=data).load_state_dict(state)
