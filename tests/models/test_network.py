"""Parts, seeds and initial weights."""

import pytest
import torch
from torch import Tensor, nn

from autoae.models import build
from autoae.models.blocks import ACTIVATIONS
from autoae.spec.config import ModelOptions
from tests.models.architectures import network, options

INITS = ["default", "xavier", "kaiming", "orthogonal", "normal"]


def weights(module: nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in module.parameters()])


def test_parts_are_optional() -> None:
    images = torch.rand(2, 1, 28, 28)
    autoencoder, classifier = network("S(4)"), network("S(4)", decoder="none", task="classify")
    assert autoencoder(images).logits is None
    assert classifier(images).reconstruction is None
    assert classifier(images).logits.shape == (2, 10)


@pytest.mark.parametrize("init", INITS)
def test_weights_depend_on_the_seed_alone(init: str) -> None:
    model = options("C(4) > L(8)", latent=3, init=init)
    first = build(model, (1, 9, 7), 10, seed=5)
    torch.rand(3)
    again, other = (build(model, (1, 9, 7), 10, seed=seed) for seed in (5, 6))
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_random_state_of_torch_is_left_as_it_was() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    network("C(4)", (1, 28, 28), 7)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("init", INITS[1:])
def test_a_scheme_of_its_own_has_zero_biases(init: str) -> None:
    built = network("S(8) > S(8)", latent=4, init=init)
    layers = [m for m in built.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert layers
    assert all(not layer.bias.any() for layer in layers if layer.bias is not None)


def test_normal_weights_have_a_hundredth_of_deviation() -> None:
    built = network("L(64)", latent=8, init="normal")
    deviation = next(built.encoder.parameters()).std().item()
    assert deviation == pytest.approx(0.01, rel=0.05)


def test_every_activation_that_may_be_named_is_known() -> None:
    named = ModelOptions.model_json_schema()["properties"]["activation"]["enum"]
    assert set(named) == set(ACTIVATIONS)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_trains(activation: str) -> None:
    built = network("C(4) > R(4)", (1, 8, 6), latent=3, activation=activation, batch_norm=True)
    images = torch.rand(4, 1, 8, 6)
    torch.autograd.backward(nn.functional.mse_loss(built(images).reconstruction, images))
    assert all(weight.grad is not None for weight in built.parameters())


def test_slope_is_that_of_leaky_relu() -> None:
    modules = network("S(4)", activation="leaky_relu", slope=0.2).modules()
    assert {m.negative_slope for m in modules if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_sigmoid_output_stays_between_zero_and_one() -> None:
    images = 100 * torch.randn(4, 1, 28, 28)
    reconstruction = network("S(4)")(images).reconstruction
    assert 0 <= reconstruction.min() <= reconstruction.max() <= 1
    assert network("S(4)", output="linear", init="kaiming")(images).reconstruction.max() > 1


def test_dropout_changes_training_only() -> None:
    built, images = network("S(4)", dropout=0.5, dropout_after="all"), torch.rand(2, 1, 28, 28)
    first, second = built(images).latent, built(images).latent
    assert not torch.equal(first, second)
    built.eval()
    assert torch.equal(built(images).latent, built(images).latent)
