"""The NumPy engine finds what PyTorch finds, number for number."""

from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import Parameter

from autoae.data.resident import Batch
from autoae.models import Network, build
from autoae.models.blocks import ACTIVATIONS
from autoae.spec.config import Configuration, TrainingOptions
from autoae.spec.errors import SpecError
from autoae.training import Diverged, fit
from autoae.training.engines import Engine, Passed, TorchEngine
from autoae.training.loss import RECONSTRUCTIONS, Loss
from autoae.training.numpy_engine import activations, losses, rules
from autoae.training.numpy_engine.engine import NumpyEngine
from autoae.training.numpy_engine.rules import RULES
from autoae.training.optimizers import OPTIMIZERS, make_optimizer
from autoae.training.principal_components import PrincipalComponents
from autoae.training.scores import ScoresLoss
from autoae.training.tasks.classify import CLASSIFICATIONS
from tests.training.toy import (
    CPU,
    Section,
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_training,
    train,
    weights_of,
)

CLASSES = 3
assert_close = partial(torch.testing.assert_close, rtol=1e-9, atol=1e-9)
assert_close_after_steps = partial(torch.testing.assert_close, rtol=1e-7, atol=1e-7)
"""torch keeps the product of Nadam's momenta in float32."""


def network_of(configuration: Configuration, image: tuple[int, int, int] = (1, 4, 5)) -> Network:
    """In float64, where rounding hides nothing."""
    return build(configuration.model, image, CLASSES, seed=3).double()


def batch_for(network: Network, size: int = 7) -> Batch:
    generator = torch.Generator().manual_seed(size)
    images = torch.rand(size, *network.plan.image, generator=generator, dtype=torch.float64)
    return Batch(images, torch.randint(0, CLASSES, (size,), generator=generator))


def torch_engine(network: Network, loss: Loss) -> Engine:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    return TorchEngine(network, loss, weights, "float32")


def gradients(network: Network) -> dict[str, Tensor | None]:
    return {name: weight.grad for name, weight in network.named_parameters()}


def assert_same(found: Passed, expected: Passed) -> None:
    for one, other in zip(
        (*found.terms, found.logits), (*expected.terms, expected.logits), strict=True
    ):
        assert_close(one, other)


def assert_same_gradients(network: Network, configuration: Configuration, size: int = 7) -> None:
    """Both engines on copies of one network, whose every gradient must be the same."""
    twin, batch, loss = deepcopy(network), batch_for(network, size), Loss.of(configuration)
    expected = torch_engine(network, loss).gradients(batch, batch.images)
    found = NumpyEngine(twin, loss).gradients(batch, batch.images)
    assert_same(found, expected)
    assert_close(gradients(twin), gradients(network))


def test_both_engines_know_the_same_names() -> None:
    assert set(RULES) == set(OPTIMIZERS)
    assert set(activations.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(losses.TASKS) == set(CLASSIFICATIONS)
    assert set(losses.RECONSTRUCTIONS) == set(RECONSTRUCTIONS)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation_has_the_slope_of_autograd(activation: str) -> None:
    configuration = toy_configuration(model={"activation": activation, "slope": 0.2})
    assert_same_gradients(network_of(configuration), configuration)


@pytest.mark.parametrize("task", sorted(CLASSIFICATIONS))
@pytest.mark.parametrize("reconstruction", sorted(RECONSTRUCTIONS))
def test_every_loss_has_the_gradient_of_autograd(task: str, reconstruction: str) -> None:
    loss = {"task": task, "reconstruction": reconstruction, "alpha": 0.7, "beta": 1.3}
    configuration = toy_configuration(loss={**loss, "gamma": 0.02})
    assert_same_gradients(network_of(configuration), configuration)


PARTS: list[Section] = [
    {"decoder": "none"},
    {"decoder": "none", "latent": "encoder", "head": "L(8) > L'(3)"},
    {"task": "none"},
    {"task": "none", "output": "linear", "decoder": "L(9) > L'(20)"},
    {},
]
WEIGHTS = st.sampled_from([0.0, 0.5, 2.0])


@given(
    layers=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    image=st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)),
    size=st.integers(1, 9),
    model=st.sampled_from(PARTS),
    weights=st.tuples(WEIGHTS, WEIGHTS, WEIGHTS),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
)
@settings(max_examples=60, deadline=None)
def test_networks_of_every_shape_have_the_gradients_of_autograd(
    layers: list[int],
    image: tuple[int, int, int],
    size: int,
    model: Section,
    weights: tuple[float, float, float],
    activation: str,
) -> None:
    encoder = " > ".join(f"L({width})" for width in layers)
    if "decoder" in model and str(model["decoder"]).startswith("L"):
        image = (1, 4, 5)
    alpha, beta, gamma = weights
    configuration = toy_configuration(
        model={"encoder": encoder, "activation": activation, **model},
        loss={
            "alpha": (alpha or 1.0) if model.get("task") != "none" else 0.0,
            "beta": (beta or 1.0) if model.get("decoder") != "none" else 0.0,
            "gamma": gamma,
        },
    )
    assert_same_gradients(network_of(configuration, image), configuration, size)


def test_a_part_without_weight_is_left_alone() -> None:
    for part, weight in (("decoder", "beta"), ("head", "alpha")):
        configuration = toy_configuration(loss={weight: 0.0})
        network = network_of(configuration)
        assert_same_gradients(network, configuration)
        assert {name for name, by in gradients(network).items() if by is None} == {
            name for name, _ in network.named_parameters() if name.startswith(part)
        }


def test_a_frozen_layer_has_no_gradient_and_those_before_it_do() -> None:
    configuration = toy_configuration(loss={"gamma": 0.1})
    network = network_of(configuration)
    assert network.to_latent is not None
    network.to_latent.requires_grad_(requires_grad=False)
    assert_same_gradients(network, configuration)


@pytest.mark.parametrize("logit", [800.0, -800.0])
def test_certain_logits_overflow_nowhere(logit: float) -> None:
    configuration = toy_configuration(model={"decoder": "none"})
    network = network_of(configuration)
    assert network.head is not None
    bias = network.head[-1].get_submodule("layer").bias
    assert isinstance(bias, Parameter)
    torch.nn.init.constant_(bias[:1].detach(), logit)
    assert_same_gradients(network, configuration)


@pytest.mark.parametrize("optimizer", sorted(RULES))
def test_every_optimizer_takes_the_steps_of_torch(optimizer: str) -> None:
    training = {"optimizer": optimizer, "lr": 0.02, "weight_decay": 0.01}
    weights: list[dict[str, Tensor]] = []
    for engine in ("torch", "numpy"):
        configuration = toy_configuration(
            loss={"gamma": 0.003}, training={**training, "engine": engine}
        )
        network, loss = network_of(configuration), Loss.of(configuration)
        passes = NumpyEngine(network, loss) if engine == "numpy" else torch_engine(network, loss)
        steps = make_optimizer(list(network.parameters()), configuration.training, CPU)
        for size in range(4, 12):
            batch = batch_for(network, size)
            passes.gradients(batch, batch.images)
            steps.step()
            steps.param_groups[0]["lr"] *= 0.9  # As a schedule does.
        weights.append(network.state_dict())
    assert_close_after_steps(weights[1], weights[0])


@given(
    optimizer=st.sampled_from(sorted(RULES)),
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=2),
    rates=st.fixed_dictionaries(
        {
            "lr": st.sampled_from([1e-4, 0.1]),
            "momentum": st.sampled_from([0.0, 0.5, 0.99]),
            "weight_decay": st.sampled_from([0.0, 0.1]),
        }
    ),
    seed=st.integers(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_rules_follow_torch_whatever_the_rates(
    optimizer: str, shape: list[int], rates: dict[str, float], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(shape, generator=generator, dtype=torch.float64)
    slopes = torch.randn(9, *shape, generator=generator, dtype=torch.float64)
    ends: list[Tensor] = []
    for engine in ("torch", "numpy"):
        weight = Parameter(start.clone())
        options = TrainingOptions.model_validate(
            {"engine": engine, "optimizer": optimizer, **rates}
        )
        steps = make_optimizer([weight], options, CPU)
        for slope in slopes:
            weight.grad = slope.clone()
            steps.step()
        ends.append(weight.detach())
    assert_close_after_steps(ends[1], ends[0])


def test_the_rule_of_the_documentation_is_that_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
    written = text.partition("```python\ndef _amsgrad")[2].partition("```")[0]
    names = dict(vars(rules))
    exec(f"def _amsgrad{written}", names)
    monkeypatch.setitem(RULES, "adam", names["_amsgrad"])
    ours, theirs = (Parameter(torch.ones(3, dtype=torch.float64)) for _ in range(2))
    options = TrainingOptions(engine="numpy", lr=0.1, weight_decay=0.01)
    optimizers = (
        make_optimizer([ours], options, CPU),
        torch.optim.Adam([theirs], 0.1, weight_decay=0.01, amsgrad=True),
    )
    # Falling slopes, so that the highest square is not the last one.
    for slope in torch.linspace(1, 0, 24, dtype=torch.float64).reshape(8, 3):
        for weight, optimizer in zip((ours, theirs), optimizers, strict=True):
            weight.grad = slope.clone()
            optimizer.step()
    assert_close_after_steps(ours, theirs)


@pytest.mark.parametrize("init", ["default", "xavier", "kaiming", "orthogonal", "normal"])
def test_both_engines_begin_with_the_same_weights(init: str) -> None:
    data, model = toy_data(), {"init": init}
    torch_side, numpy_side = (
        toy_training(toy_configuration(model=model, training={"engine": engine}), data=data)
        for engine in ("torch", "numpy")
    )
    assert same_weights(weights_of(torch_side), weights_of(numpy_side))


@pytest.mark.parametrize("optimizer", sorted(RULES))
def test_a_whole_training_has_the_figures_of_torch(optimizer: str) -> None:
    training = {"optimizer": optimizer, "epochs": 4, "schedule": "cosine", "lr": 0.003}
    figures = []
    for engine in ("torch", "numpy"):
        configuration = toy_configuration(
            loss={"gamma": 1e-3}, training={**training, "engine": engine}
        )
        _, reports = train(configuration, data=toy_data())
        figures.append([comparable(report.metrics[0]) for report in reports])
    for found, expected in zip(figures[1], figures[0], strict=True):
        assert found == pytest.approx(expected, rel=1e-3)


def test_what_early_stopping_and_the_best_epoch_watch_is_the_same() -> None:
    options = {"engine": "numpy", "lr": 1e-7, "epochs": 9, "early_stopping": 2}
    training, reports = train(
        toy_configuration(training=options), data=toy_data(), select="val_accuracy"
    )
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert training.member(0).best_epoch == 1


def test_a_loss_that_is_no_number_stops_the_training() -> None:
    options = {"engine": "numpy", "optimizer": "sgd", "lr": 1e30}
    data = toy_data()
    training = toy_training(
        toy_configuration(model={"output": "linear"}, training=options), data=data
    )
    with pytest.raises(Diverged, match="not finite"):
        list(fit(training, data))


def test_a_network_that_it_cannot_train_is_refused() -> None:
    with pytest.raises(SpecError, match="does not train") as caught:
        toy_training(
            toy_configuration(model={"encoder": "C(4)"}, training={"engine": "numpy"}),
            data=toy_data(),
        )
    assert caught.value.key == "model.encoder.kind"


PERCEPTRON: Section = {
    "encoder": "L(6) > L'(3)", "latent": "encoder", "decoder": "mirror", "task": "classify",
    "activation": "tanh", "decoder_activation": "relu",
}  # fmt: skip


@pytest.mark.parametrize("gamma", [0.0, 0.1])
def test_scores_of_principal_components_have_the_same_gradients(gamma: float) -> None:
    configuration = toy_configuration(model={**PERCEPTRON, "latent": 3}, loss={"gamma": gamma})
    network = network_of(configuration)
    batch = batch_for(network)
    directions = torch.linalg.qr(torch.rand(20, 3, dtype=torch.float64)).Q
    components = PrincipalComponents(torch.rand(20, dtype=torch.float64), directions)
    options = Loss.of(configuration)
    loss = ScoresLoss(
        alpha=0.0, beta=0.0, gamma=gamma, classification=options.classification,
        reconstruction="mse", weight=2.0, components=components,
    )  # fmt: skip
    twin = deepcopy(network)
    for part in (network.decoder, network.head, twin.decoder, twin.head):
        assert part is not None
        part.requires_grad_(False)
    expected = torch_engine(network, loss).gradients(batch, batch.images)
    found = NumpyEngine(twin, loss).gradients(batch, batch.images)
    for term, known in zip(found.terms, expected.terms, strict=True):
        assert_close(term, known)
    assert_close(gradients(twin), gradients(network))


@pytest.mark.parametrize("first_stage", ["pca", "reconstruction"])
def test_two_stages_train_alike_in_both_engines(first_stage: str) -> None:
    ended = []
    for engine in ("numpy", "torch"):
        staged: Section = {
            "engine": engine, "end_to_end": False, "first_stage": first_stage,
            "first_epochs": 2, "epochs": 4, "lr": 0.01,
        }  # fmt: skip
        configuration = toy_configuration(model={**PERCEPTRON, "latent": 3}, training=staged)
        ended.append(weights_of(train(configuration, data=toy_data())[0]))
    torch.testing.assert_close(ended[0], ended[1], rtol=1e-3, atol=1e-4)
