"""The steps of the optimizers on matrices, a row for each member; torch's own, number for number.

A new one is a function that changes the weights in place and an entry in `RULES`, beside the one of
the same name in `autoae.training.optimizers`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

_FIRST, _SECOND = 0.9, 0.999
_SMALL = 1e-8
_SQUARES = 0.99


@dataclass(frozen=True)
class Rates:
    """Of each member, float64, (members, 1): a power of 0.999 has few digits in float32.

    Attributes:
        lr: Learning rates in force.
        momentum: Of the optimizers that have one.
        weight_decay: None where all are 0: then nobody goes through all weights for it.
    """

    lr: Tensor
    momentum: Tensor
    weight_decay: Tensor | None


Memory = Mapping[str, Tensor]
"""What a rule keeps: (members, numbers) in place of a weight, float64 (members, 1) of a member."""

Step = Callable[[Tensor, Tensor, Memory, Rates], None]
"""Moves weights (members, numbers) by their gradients, in place; gradients may be spoilt."""


@dataclass(frozen=True)
class Rule:
    """An optimizer.

    Attributes:
        step: What it does.
        arrays: The names of what it keeps for each weight, as torch calls them; 0 at first.
        counts: The names of what it keeps for each member, and how these begin.
    """

    step: Step
    arrays: tuple[str, ...] = ()
    counts: Mapping[str, float] = field(default_factory=dict)


def _sgd(weights: Tensor, gradients: Tensor, _: Memory, rates: Rates) -> None:
    _move(weights, _decayed(weights, gradients, rates), rates.lr)


def _momentum(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    _move(weights, _pushed(_decayed(weights, gradients, rates), memory, rates), rates.lr)


def _nesterov(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    slope = _decayed(weights, gradients, rates)
    buffer = _pushed(slope, memory, rates)
    _move(weights, slope.addcmul_(buffer, _of(weights, rates.momentum)), rates.lr)


def _adagrad(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    slope = _decayed(weights, gradients, rates)
    memory["step"].add_(1)
    scale = memory["sum"].addcmul_(slope, slope).sqrt().add_(1e-10)
    _move(weights, slope.div_(scale), rates.lr)


def _rmsprop(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    slope = _decayed(weights, gradients, rates)
    memory["step"].add_(1)
    squares = memory["square_avg"].mul_(_SQUARES).addcmul_(slope, slope, value=1 - _SQUARES)
    _move(weights, _pushed(slope.div_(squares.sqrt().add_(_SMALL)), memory, rates), rates.lr)


def _adam(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    _adapt(weights, _decayed(weights, gradients, rates), memory, rates)


def _adamw(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    if rates.weight_decay is not None:
        weights.mul_(_of(weights, 1 - rates.lr * rates.weight_decay))
    _adapt(weights, gradients, memory, rates)


def _nadam(weights: Tensor, gradients: Tensor, memory: Memory, rates: Rates) -> None:
    step = memory["step"].add_(1)
    now, after = _momenta(step), _momenta(step + 1)
    product = memory["mu_product"].mul_(now)
    slope = _decayed(weights, gradients, rates)
    mean, squares = _moments(slope, memory)
    scale = squares.sqrt().mul_(_of(weights, (1 - _SECOND**step).rsqrt())).add_(_SMALL)
    _move(weights, slope.div_(scale), rates.lr * (1 - now) / (1 - product))
    _move(weights, mean / scale, rates.lr * after / (1 - product * after))


def _adapt(weights: Tensor, slope: Tensor, memory: Memory, rates: Rates) -> None:
    """Kingma and Ba, 2014, Adam."""
    step = memory["step"].add_(1)
    mean, squares = _moments(slope, memory)
    # The slope is no more needed: its memory is taken, for new memory takes time as well.
    scale = torch.sqrt(squares, out=slope)
    scale.mul_(_of(weights, (1 - _SECOND**step).rsqrt())).add_(_SMALL)
    _move(weights, torch.div(mean, scale, out=scale), rates.lr / (1 - _FIRST**step))


def _moments(slope: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
    mean = memory["exp_avg"].lerp_(slope, 1 - _FIRST)
    return mean, memory["exp_avg_sq"].mul_(_SECOND).addcmul_(slope, slope, value=1 - _SECOND)


def _momenta(step: Tensor) -> Tensor:
    """Dozat, 2016, with the decay that torch has for it."""
    powers: Tensor = 0.96 ** (step * 0.004)
    return _FIRST * (1 - 0.5 * powers)


def _pushed(slope: Tensor, memory: Memory, rates: Rates) -> Tensor:
    buffer = memory["momentum_buffer"]
    return buffer.mul_(_of(buffer, rates.momentum)).add_(slope)


def _decayed(weights: Tensor, gradients: Tensor, rates: Rates) -> Tensor:
    if rates.weight_decay is None:
        return gradients
    return gradients.addcmul_(weights, _of(weights, rates.weight_decay))


def _move(weights: Tensor, slope: Tensor, lr: Tensor) -> None:
    """Against a slope; one pass over all numbers, which is what an optimizer's time is for."""
    weights.addcmul_(slope, _of(weights, -lr))


def _of(weights: Tensor, values: Tensor) -> Tensor:
    return values.to(weights.dtype)


_STEP: Mapping[str, float] = {"step": 0.0}
_BOTH = ("exp_avg", "exp_avg_sq")

RULES: dict[str, Rule] = {
    "sgd": Rule(_sgd),
    "momentum": Rule(_momentum, ("momentum_buffer",)),
    "nesterov": Rule(_nesterov, ("momentum_buffer",)),
    "adagrad": Rule(_adagrad, ("sum",), _STEP),
    "rmsprop": Rule(_rmsprop, ("square_avg", "momentum_buffer"), _STEP),
    "adam": Rule(_adam, _BOTH, _STEP),
    "adamw": Rule(_adamw, _BOTH, _STEP),
    "nadam": Rule(_nadam, _BOTH, {**_STEP, "mu_product": 1.0}),
}
"""Every optimizer by its name."""


def begun(rule: Rule, weights: Tensor) -> dict[str, Tensor]:
    """What a rule keeps before the first step of weights (members, numbers)."""
    arrays = {name: torch.zeros_like(weights) for name in rule.arrays}
    column = torch.ones(len(weights), 1, dtype=torch.float64, device=weights.device)
    return arrays | {name: column * first for name, first in rule.counts.items()}
