"""Backbones are trained like any other encoder: in stages, in bfloat16, with gradients by layer."""

import pytest
import torch

from autoae.data.resident import ResidentData
from autoae.spec.config import Configuration
from autoae.training import fit
from tests.training.toy import Section, toy_configuration, toy_data, toy_training, train, weights_of

MODEL = {"encoder": {"kind": "mobilenet_v2"}, "latent": "encoder", "decoder": "none"}
DECODED = {**MODEL, "decoder": "S(16) > S(8) > S(3)", "output": "linear"}


def backbone(model: Section = MODEL, **training: object) -> Configuration:
    return toy_configuration(model=model, training={"lr": 1e-3, **training})


def images() -> ResidentData:
    return toy_data(channels=3, train=48, validation=16)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_its_loss_falls(precision: str) -> None:
    configuration = backbone(precision=precision, gradients=True)
    training, reports = train(configuration, data=images())
    losses = [report.metrics[0]["train_loss"] for report in reports]
    assert losses[-1] < losses[0]
    member = training.member(0)
    assert member.layer_gradients is not None
    found = member.layer_gradients.means()
    assert len(found) == 52 + 1
    assert all(mean > 0 for mean in found.values())


def test_a_second_stage_leaves_weights_and_statistics_as_they_are() -> None:
    data = images()
    training = toy_training(backbone(DECODED, end_to_end=False, epochs=2), data=data)
    epochs = fit(training, data)
    next(epochs)
    first = weights_of(training)
    next(epochs)
    second = weights_of(training)
    changed = {
        name.partition(".")[0] for name in first if not torch.equal(first[name], second[name])
    }
    assert changed == {"head"}
    assert any("running_mean" in name for name in first)
