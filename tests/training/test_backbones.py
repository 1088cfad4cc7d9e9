"""Backbones are trained like any other encoder: in stages, in bfloat16, with gradients by layer."""

import numpy as np
import pytest
import torch

from autoae.data import Facts, ImageData, Split
from autoae.data.resident import ResidentData, resident
from autoae.spec.config import Configuration, DataOptions
from autoae.training import fit
from tests.training.toy import (
    CLASSES,
    CPU,
    Section,
    toy_configuration,
    toy_images,
    toy_training,
    train,
    weights_of,
)

TRAIN, VALIDATION = 48, 16


def backbone(kind: str, model: Section, **training: object) -> Configuration:
    sections = {"encoder": {"kind": kind}, "latent": "encoder", **model}
    return toy_configuration(model=sections, training={"lr": 1e-3, **training})


@pytest.fixture
def data() -> ResidentData:
    """Toy images of 32 pixels on a side."""
    small, labels = toy_images(channels=3)
    images = small.repeat(4, axis=2).repeat(4, axis=3)
    train, validation, test = np.split(np.arange(len(labels)), [TRAIN, TRAIN + VALIDATION])
    found = ImageData(
        facts=Facts("toy", (3, 32, 32), CLASSES, TRAIN + VALIDATION, len(test)),
        train=Split(images, labels, train),
        validation=Split(images, labels, validation),
        test=Split(images, labels, test),
        mean=np.zeros(3, np.float32),
        std=np.ones(3, np.float32),
    )
    return resident(found, DataOptions(), CPU)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_its_loss_falls(data: ResidentData, precision: str) -> None:
    options = {"precision": precision, "gradients": True, "epochs": 4}
    training, reports = train(backbone("squeezenet1_1", {"decoder": "none"}, **options), data=data)
    losses = [report.metrics[0]["train_loss"] for report in reports]
    assert losses[-1] < losses[0]
    member = training.member(0)
    assert member.precision == precision
    assert member.layer_gradients is not None
    found = member.layer_gradients.means()
    # A convolution, three in each of eight fires, and the head.
    assert len(found) == 1 + 8 * 3 + 1
    assert all(mean > 0 for mean in found.values())


def test_a_second_stage_leaves_weights_and_statistics_as_they_are(data: ResidentData) -> None:
    decoder = {"decoder": "S(64) > S(32) > S(16) > S(8) > S(3)", "output": "linear"}
    configuration = backbone("mobilenet_v2", decoder, end_to_end=False, epochs=2)
    training = toy_training(configuration, data=data)
    epochs = fit(training, data)
    next(epochs)
    first = weights_of(training)
    next(epochs)
    second = weights_of(training)
    changed = {name.split(".")[0] for name in first if not torch.equal(first[name], second[name])}
    assert changed == {"head"}
    assert any("running_mean" in name for name in first)
