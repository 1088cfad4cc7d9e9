"""Small images and configurations to train on in a moment."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from autoae.data import Facts, ImageData, Split
from autoae.data.resident import ResidentData, resident
from autoae.spec.config import Configuration, DataOptions
from autoae.training import EpochReport, Selection, Training, fit

CPU = torch.device("cpu")
CLASSES = ("left", "middle", "right")
SIZE = 8
TRAIN, VALIDATION, TEST = 96, 40, 20

Section = Mapping[str, object]


def toy_images(channels: int = 1) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Noise with a bright band whose place is the class; (N, channels, 8, 8) and (N,)."""
    generator = np.random.default_rng(7)
    labels = generator.integers(0, len(CLASSES), TRAIN + VALIDATION + TEST)
    images = generator.integers(0, 90, (len(labels), channels, SIZE, SIZE), dtype=np.uint8)
    for number, label in enumerate(labels):
        images[number, :, :, 3 * label : 3 * label + 2] += 150
    return images, labels


def toy_data(
    *,
    channels: int = 1,
    train: int = TRAIN,
    validation: int = VALIDATION,
    mean: Sequence[float] | None = None,
    deviation: Sequence[float] | None = None,
    options: DataOptions | None = None,
) -> ResidentData:
    """Toy images on the CPU, normalised by a mean and deviation per channel."""
    images, labels = toy_images(channels)
    rows = np.split(np.arange(len(labels)), [TRAIN, TRAIN + VALIDATION])
    shape = (channels, SIZE, SIZE)
    zero, one = np.zeros(channels, np.float32), np.ones(channels, np.float32)
    data = ImageData(
        facts=Facts("toy", shape, CLASSES, TRAIN + VALIDATION, TEST),
        train=Split(images, labels, rows[0][:train]),
        validation=Split(images, labels, rows[1][:validation]),
        test=Split(images, labels, rows[2]),
        mean=zero if mean is None else np.asarray(mean, np.float32),
        std=one if deviation is None else np.asarray(deviation, np.float32),
    )
    normalize: Literal["none", "dataset"] = "none" if mean is None else "dataset"
    return resident(data, options or DataOptions(normalize=normalize), CPU)


def toy_configuration(
    *,
    data: Section | None = None,
    model: Section | None = None,
    loss: Section | None = None,
    training: Section | None = None,
) -> Configuration:
    """A hybrid of three linear layers for a few epochs; sections add to it."""
    return Configuration.model_validate(
        {
            "data": data or {},
            "model": {"encoder": "L(24)", "latent": 6, "task": "classify", **(model or {})},
            "loss": loss or {},
            "training": {
                "lr": 0.01,
                "batch_size": 16,
                "epochs": 3,
                "device": "cpu",
                "precision": "float32",
                **(training or {}),
            },
        }
    )


def toy_training(
    *configurations: Configuration, data: ResidentData, select: str = "val_loss"
) -> Training:
    """A training on the CPU, before its first epoch."""
    return Training.create(configurations, data, select=Selection.by(select), device=CPU)


def train(
    *configurations: Configuration, data: ResidentData, select: str = "val_loss"
) -> tuple[Training, list[EpochReport]]:
    """A finished training and its reports."""
    training = toy_training(*configurations, data=data, select=select)
    return training, list(fit(training, data))


def comparable(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics without the one that measures the machine."""
    return {name: value for name, value in metrics.items() if name != "samples_per_second"}


def weights_of(training: Training, member: int = 0) -> dict[str, torch.Tensor]:
    """A copy of all weights and buffers."""
    state = training.member(member).network.state_dict()
    return {name: value.clone() for name, value in state.items()}


def same_weights(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    """Whether two networks are the same to the bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
