"""What must fit together before a training begins or goes on."""

from typing import Any

from autoae.spec.config import Configuration
from autoae.training.errors import TrainingError
from autoae.training.schedules import Schedule

_MAY_DIFFER = frozenset({"epochs", "device", "checkpoint_every", "early_stopping"})
"""Training options that may be set anew when a training goes on."""


def check_batches(configuration: Configuration, train_size: int) -> None:
    """Refuse batches of one image where batch normalisation needs a spread.

    Raises:
        TrainingError: Every batch would be of one image, or there is no image.
    """
    if train_size == 0:
        raise TrainingError("there are no images to train on", key="data")
    alone = min(configuration.training.batch_size, train_size) == 1
    if configuration.model.batch_norm and alone:
        raise TrainingError(
            "batch normalisation needs batches of at least two images",
            hint="raise training.batch_size, or set model.batch_norm: false",
            key="training.batch_size",
        )


def check_same(configuration: Configuration, saved: dict[str, Any], schedule: Schedule) -> None:
    """Refuse to go on with a training from the checkpoint of another one.

    Args:
        configuration: Of the training that is to go on.
        saved: The configuration that the checkpoint has.
        schedule: Of the training that is to go on.

    Raises:
        TrainingError: They differ in what was trained, or in the number of epochs although the
            schedule's shape spans them all.
    """
    own = configuration.model_dump(mode="json")
    if _trained(own) != _trained(saved):
        raise TrainingError(
            "the checkpoint belongs to another configuration",
            hint="go on with the configuration that lies beside it, or start anew",
        )
    if schedule.whole and own["training"]["epochs"] != saved["training"]["epochs"]:
        raise TrainingError(
            f"the schedule {configuration.training.schedule!r} spans all epochs, so none can be "
            "added afterwards",
            hint="start anew with more epochs",
            key="training.epochs",
        )


def _trained(configuration: dict[str, Any]) -> dict[str, Any]:
    training = {
        key: value for key, value in configuration["training"].items() if key not in _MAY_DIFFER
    }
    return {**configuration, "training": training}
