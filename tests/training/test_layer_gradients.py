"""Gradients of layers are kept where asked for: norms, averaged over the batches of an epoch."""

import pytest
import torch

from autoae.training import fit
from tests.training.toy import (
    TRAIN,
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_training,
    train,
    weights_of,
)

KEEP = {"gradients": True, "epochs": 1}


@pytest.mark.parametrize("engine", ["torch", "numpy"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_they_are_the_norms_of_each_batch_averaged(engine: str, optimizer: str) -> None:
    options = {**KEEP, "engine": engine, "optimizer": optimizer, "weight_decay": 0.1}
    training = toy_training(toy_configuration(training=options), data=toy_data())
    member, step = training.member(0), training.member(0).optimizer.step
    seen: list[dict[str, float]] = []

    def watched() -> None:
        seen.append(
            {
                name.removesuffix(".weight"): float(torch.linalg.vector_norm(weight.grad))
                for name, weight in member.network.named_parameters()
                if name.endswith(".weight") and weight.grad is not None
            }
        )
        step()

    member.optimizer.step = watched  # type: ignore[method-assign, assignment]
    list(fit(training, toy_data()))
    assert len(seen) == TRAIN // 16
    assert member.layer_gradients is not None
    found = member.layer_gradients.means()
    assert list(found) == list(seen[0])
    for name, mean in found.items():
        assert mean == pytest.approx(sum(each[name] for each in seen) / len(seen), rel=1e-5)


def test_keeping_them_changes_nothing() -> None:
    with_them, reports = train(toy_configuration(training={"gradients": True}), data=toy_data())
    without, others = train(toy_configuration(), data=toy_data())
    assert same_weights(weights_of(with_them), weights_of(without))
    assert [comparable(each.metrics[0]) for each in reports] == [
        comparable(each.metrics[0]) for each in others
    ]
    assert without.member(0).layer_gradients is None


def test_a_block_has_two_layers_and_frozen_ones_are_left_out() -> None:
    options = {**KEEP, "epochs": 2, "end_to_end": False}
    model = {"encoder": {"kind": "mlp", "layers": "R(8)"}, "batch_norm": True}
    training = toy_training(toy_configuration(model=model, training=options), data=toy_data())
    epochs = []
    for _ in fit(training, toy_data()):
        gradients = training.member(0).layer_gradients
        assert gradients is not None
        epochs.append(set(gradients.means()))
    block = {f"encoder.0.layer.{part}" for part in ("inner.0", "inner.3", "project")}
    assert block <= epochs[0]
    assert epochs[1] == {"head.0.layer"}
