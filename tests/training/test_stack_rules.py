"""The optimizers of a stack take the steps of torch."""

import pytest
import torch
from torch.nn import Parameter

from autoae.spec.config import TrainingOptions
from autoae.training.optimizers import OPTIMIZERS, make_optimizer
from autoae.training.stacks.rules import RULES, Rates, begun
from tests.training.toy import CPU


def test_both_know_the_same_optimizers() -> None:
    assert set(RULES) == set(OPTIMIZERS)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_rules_take_the_steps_of_torch(optimizer: str, decay: float) -> None:
    generator = torch.Generator().manual_seed(5)
    starts = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    slopes = torch.randn(9, 3, 4, generator=generator, dtype=torch.float64)
    options = [
        TrainingOptions.model_validate(
            {"optimizer": optimizer, "lr": lr, "momentum": momentum, "weight_decay": decay}
        )
        for lr, momentum, decay in ((0.1, 0.0, 0.0), (1e-3, 0.9, decay), (0.02, 0.5, decay / 10))
    ]
    matrix = starts.clone()
    memory = begun(RULES[optimizer], matrix)
    lr, momentum, decays = (
        torch.tensor([getattr(each, name) for each in options], dtype=torch.float64)[:, None]
        for name in ("lr", "momentum", "weight_decay")
    )
    rates = Rates(lr, momentum, decays if decay else None)
    weights = [Parameter(start.clone()) for start in starts]
    theirs = [make_optimizer([w], each, CPU) for w, each in zip(weights, options, strict=True)]
    for slope in slopes:
        RULES[optimizer].step(matrix, slope.clone(), memory, rates)
        for weight, own, each in zip(weights, slope, theirs, strict=True):
            weight.grad = own.clone()
            each.step()
    # torch keeps the product of Nadam's momenta in float32.
    close = 1e-7 if optimizer == "nadam" else 1e-12
    expected = torch.stack([weight.detach() for weight in weights])
    torch.testing.assert_close(matrix, expected, rtol=close, atol=close)
