"""What a training leaves in its run folder."""

import io

import numpy as np
import torch

from autoae.data.resident import ResidentData
from autoae.store.runs import RunFolder
from autoae.training import Member, Training
from autoae.training.artifacts import arrays
from autoae.training.environment import environment
from autoae.training.weights import Description, save_weights


def write_beginning(folder: RunFolder, member: Member) -> None:
    """Before the first epoch: what is trained, and on what."""
    folder.write_configuration(member.configuration)
    folder.write_environment(environment(member))


def write_epoch(folder: RunFolder, training: Training) -> None:
    """After an epoch: its metrics, and a checkpoint where one is due."""
    member = training.member(0)
    folder.append_metrics(member.epoch, member.metrics)
    every = member.configuration.training.checkpoint_every
    if every and member.epoch % every == 0:
        # Through memory: torch reports a full disk as anything but that.
        content = io.BytesIO()
        torch.save(training.state_dict(), content)
        folder.write_bytes(folder.checkpoint, content.getvalue())


def write_end(folder: RunFolder, member: Member, data: ResidentData) -> None:
    """After the last epoch: the best weights, and what there is to see."""
    description = Description(
        configuration=member.configuration,
        shape=data.facts.shape,
        classes=data.facts.classes,
        metrics=member.best_metrics,
        epoch=member.best_epoch,
    )
    save_weights(member.network, folder.weights, description)
    content = io.BytesIO()
    seen = arrays(member.network, member.configuration, data, member.precision)
    np.savez_compressed(content, **seen)  # type: ignore[arg-type]
    folder.write_bytes(folder.arrays, content.getvalue())
