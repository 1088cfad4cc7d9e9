"""One seed, one result; and the result that a plain loop of PyTorch gives."""

import numpy as np
import torch
from torch.nn import functional

from autoae.models import build
from autoae.spec.config import DataOptions
from tests.training.toy import (
    CLASSES,
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    train,
    weights_of,
)


def test_one_seed_gives_one_result_whatever_happened_before() -> None:
    data = toy_data(options=DataOptions(augment=("flip", "crop")))
    configuration = toy_configuration(model={"dropout": 0.5}, training={"seed": 5})
    torch.manual_seed(1)
    first, reports = train(configuration, data=data)
    torch.manual_seed(2)
    np.random.default_rng().random()
    second, again = train(configuration, data=data)
    assert same_weights(weights_of(first), weights_of(second))
    assert [comparable(report.metrics[0]) for report in reports] == [
        comparable(report.metrics[0]) for report in again
    ]


def test_another_seed_gives_another_result() -> None:
    data = toy_data()
    one, other = (
        train(toy_configuration(training={"seed": seed}), data=data)[0] for seed in (0, 1)
    )
    assert not same_weights(weights_of(one), weights_of(other))


def test_training_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    train(toy_configuration(model={"dropout": 0.5}), data=toy_data())
    assert torch.equal(torch.rand(4), expected)


def test_it_is_the_plain_loop() -> None:
    """The same seed and batches give the weights of a loop written by hand."""
    data = toy_data()
    loss = {"alpha": 0.7, "beta": 1.3, "gamma": 0.002}
    configuration = toy_configuration(
        model={"encoder": "C(4) > L(16)", "output": "linear"}, loss=loss, training={"seed": 9}
    )
    training, _ = train(configuration, data=data, select="train_loss")

    network = build(configuration.model, data.facts.shape, len(CLASSES), seed=9)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(9)
    for _ in range(training.member(0).best_epoch):
        for images, labels in data.train_batches(16, generator):
            output = network(images)
            squares = torch.cat([weight.flatten() for weight in network.parameters()]).square()
            total = (
                0.7 * functional.cross_entropy(output.logits, labels)
                + 1.3 * (output.reconstruction - images).square().mean()
                + 0.002 * squares.sum() / 2
            )
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
    expected = network.state_dict()
    for name, value in weights_of(training).items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=1e-6)
