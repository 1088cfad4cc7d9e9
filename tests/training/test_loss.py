"""The loss: its terms, what they cost, and what is left out."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch.nn import functional

from autoae.training import TrainingError, fit
from autoae.training.cross_entropy import binary_cross_entropy, plain_cross_entropy
from autoae.training.loss import Loss, half_squares
from tests.training.toy import toy_configuration, toy_data, toy_training, train, weights_of

Pixels = NDArray[np.float32]


def test_half_squares_is_over_all_weights() -> None:
    weights = [torch.tensor([1.0, -2.0]), torch.tensor([[3.0]])]
    assert half_squares(weights).item() == 7.0


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    data = toy_data()
    configuration = toy_configuration(
        loss={"alpha": 0.3, "beta": 2.0, "gamma": 0.01, "reconstruction": "bce"}
    )
    member = toy_training(configuration, data=data).member(0)
    batch = next(iter(data.validation_batches(16)))
    output = member.network(batch.images)
    terms = member.loss.terms(output, batch.images, batch.labels, member.weights)
    assert output.logits is not None
    assert output.reconstruction is not None
    squares = sum(weight.square().sum() for weight in member.network.parameters())
    expected = (
        0.3 * functional.cross_entropy(output.logits, batch.labels)
        + 2.0 * functional.binary_cross_entropy(output.reconstruction, batch.images)
        + 0.01 * 0.5 * squares
    )
    torch.testing.assert_close(terms.total, expected)


@given(
    arrays(np.float32, (3, 5), elements=st.floats(0.0, 1.0, width=32)),
    arrays(np.float32, (3, 5), elements=st.floats(0.0, 1.0, width=32)),
)
@example(np.full((3, 5), 1 - 2**-24, np.float32), np.full((3, 5), 0.5, np.float32))
def test_binary_cross_entropy_is_that_of_torch(probabilities: Pixels, targets: Pixels) -> None:
    target = torch.tensor(targets)
    given = [torch.tensor(probabilities, requires_grad=True) for _ in range(3)]
    ours = [binary_cross_entropy(given[0], target), plain_cross_entropy(given[1], target)]
    expected = functional.binary_cross_entropy(given[2], target)
    *slopes, steep = [
        torch.autograd.grad(value, by)[0]
        for value, by in zip((*ours, expected), given, strict=True)
    ]
    for loss, slope in zip(ours, slopes, strict=True):
        torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(slope, steep, rtol=1e-4, atol=1e-6)
    with torch.no_grad():
        assert torch.equal(binary_cross_entropy(given[0], target), ours[0])


@pytest.mark.parametrize("trains", [True, False])
def test_the_cross_entropy_of_no_numbers_is_none(
    trains: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's own refuses them: on a GPU by ending the process, with all who train beside."""
    monkeypatch.setattr(functional, "binary_cross_entropy", None)
    pixels = torch.tensor([0.5, torch.nan], requires_grad=True)
    with torch.set_grad_enabled(trains):
        for way in (binary_cross_entropy, plain_cross_entropy):
            assert way(pixels, torch.tensor([0.0, 1.0])).isnan()


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_a_wrong_certainty_costs_100(certain: float) -> None:
    loss = binary_cross_entropy(torch.tensor([certain]), torch.tensor([1 - certain]))
    assert loss.item() == 100.0


def test_the_terms_of_an_epoch_add_up_to_its_loss() -> None:
    loss = {"alpha": 0.5, "beta": 2.0, "gamma": 0.001}
    _, reports = train(toy_configuration(loss=loss), data=toy_data())
    for metrics in (report.metrics[0] for report in reports):
        expected = (
            0.5 * metrics["train_task"]
            + 2.0 * metrics["train_reconstruction"]
            + 0.001 * metrics["train_penalty"]
        )
        assert metrics["train_loss"] == pytest.approx(expected, rel=1e-5)


def test_no_gradient_reaches_a_decoder_without_weight() -> None:
    data = toy_data()
    training = toy_training(toy_configuration(loss={"beta": 0.0}), data=data)
    before = weights_of(training)
    next(fit(training, data))
    network = training.member(0).network
    assert network.decoder is not None
    assert all(weight.grad is None for weight in network.decoder.parameters())
    after = weights_of(training)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert not any(name.startswith("decoder") for name in changed)


def test_no_gradient_reaches_a_head_without_weight() -> None:
    data = toy_data()
    training = toy_training(toy_configuration(loss={"alpha": 0.0}), data=data)
    next(fit(training, data))
    network = training.member(0).network
    assert network.head is not None
    assert all(weight.grad is None for weight in network.head.parameters())


def test_the_penalty_reaches_every_part() -> None:
    data = toy_data()
    training = toy_training(toy_configuration(loss={"beta": 0.0, "gamma": 0.1}), data=data)
    next(fit(training, data))
    assert all(weight.grad is not None for weight in training.member(0).network.parameters())


def test_terms_without_weight_are_not_reported_but_the_validation_of_their_part_is() -> None:
    _, reports = train(toy_configuration(loss={"beta": 0.0}), data=toy_data())
    metrics = reports[-1].metrics[0]
    assert "train_task" in metrics
    assert not {"train_reconstruction", "train_penalty"} & set(metrics)
    assert {"val_mse", "val_bce", "val_psnr", "val_accuracy"} <= set(metrics)


def test_a_loss_without_any_weight_is_refused() -> None:
    with pytest.raises(TrainingError, match="nothing to minimise"):
        Loss.of(toy_configuration(loss={"alpha": 0.0, "beta": 0.0}))


def test_bce_of_a_linear_output_is_refused() -> None:
    configuration = toy_configuration(model={"output": "linear"}, loss={"reconstruction": "bce"})
    with pytest.raises(TrainingError, match="between 0 and 1") as caught:
        Loss.of(configuration)
    assert caught.value.key == "loss.reconstruction"
