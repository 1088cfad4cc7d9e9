"""The optimizers of the NumPy engine: how a gradient moves a weight.

This is the one place to add an optimizer to the engine. A rule is a function

    def _signed(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
        weight -= rates.lr * np.sign(_decayed(weight, gradient, rates))

that changes the weight in place, and one entry in `RULES`. What it must remember from step to
step it asks of the memory, which is saved in checkpoints and starts at zero:
`memory.array("velocity")` has the shape of the weight and is changed in place too;
`memory.numbers` holds floats; `memory.step` counts from 1. The learning rate in `rates` is that
of this step, whatever the schedule. `docs/extending.md` has the example in full.

Weight decay is part of the gradient, as torch has it; only `adamw` takes it apart from that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from autoae.training.numpy_engine.activations import Array


@dataclass(frozen=True)
class Rates:
    """What the study file says of the steps.

    Attributes:
        lr: The learning rate of this step.
        momentum: Share of the last step that is taken again.
        weight_decay: Share of the weight that is added to its gradient.
    """

    lr: float
    momentum: float
    weight_decay: float


class Memory(Protocol):
    """What a rule remembers of one weight.

    Attributes:
        step: Which step this is, from 1.
        numbers: Floats by their names.
    """

    step: int
    numbers: dict[str, float]

    def array(self, name: str) -> Array:
        """Numbers of the shape of the weight, zero at first, to be changed in place."""


Rule = Callable[[Array, Array, Memory, Rates], None]

_FIRST, _SECOND = 0.9, 0.999
"""Shares that the running means of gradients and of their squares keep, in Adam and its kin."""

_SMALL = 1e-8
_NADAM_DECAY = 0.004


def _decayed(weight: Array, gradient: Array, rates: Rates) -> Array:
    return gradient + rates.weight_decay * weight if rates.weight_decay else gradient


def _sgd(weight: Array, gradient: Array, _: Memory, rates: Rates) -> None:
    weight -= rates.lr * _decayed(weight, gradient, rates)


def _momentum(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Polyak, 1964, in the form of Sutskever et al., 2013, with the rate outside the velocity."""
    weight -= rates.lr * _velocity(memory, _decayed(weight, gradient, rates), rates)


def _nesterov(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Nesterov, 1983, in the form of Sutskever et al., 2013."""
    decayed = _decayed(weight, gradient, rates)
    weight -= rates.lr * (decayed + rates.momentum * _velocity(memory, decayed, rates))


def _adagrad(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Duchi, Hazan and Singer, 2011."""
    decayed, squares = _decayed(weight, gradient, rates), memory.array("squares")
    squares += decayed**2
    weight -= rates.lr * decayed / (np.sqrt(squares) + 1e-10)


def _rmsprop(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Tieleman and Hinton, 2012, with momentum."""
    decayed = _decayed(weight, gradient, rates)
    squares = _running(memory.array("squares"), decayed**2, 0.99)
    step = decayed / (np.sqrt(squares) + _SMALL)
    weight -= rates.lr * (_velocity(memory, step, rates) if rates.momentum else step)


def _adam(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Kingma and Ba, 2015."""
    mean, scale = _moments(memory, _decayed(weight, gradient, rates))
    weight -= (rates.lr / (1 - _FIRST**memory.step)) * mean / scale


def _adamw(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Loshchilov and Hutter, 2019: the weight decays apart from its gradient."""
    weight *= 1 - rates.lr * rates.weight_decay
    mean, scale = _moments(memory, gradient)
    weight -= (rates.lr / (1 - _FIRST**memory.step)) * mean / scale


def _nadam(weight: Array, gradient: Array, memory: Memory, rates: Rates) -> None:
    """Dozat, 2016, with the growing momentum that the paper proposes."""
    decayed = _decayed(weight, gradient, rates)
    mean, scale = _moments(memory, decayed)
    now, next_one = _growing(memory.step), _growing(memory.step + 1)
    product = memory.numbers.get("product", 1.0) * now
    memory.numbers["product"] = product
    weight -= (rates.lr * (1 - now) / (1 - product)) * decayed / scale
    weight -= (rates.lr * next_one / (1 - product * next_one)) * mean / scale


RULES: dict[str, Rule] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "nadam": _nadam,
}


def _velocity(memory: Memory, step: Array, rates: Rates) -> Array:
    velocity = memory.array("velocity")
    velocity *= rates.momentum
    velocity += step
    return velocity


def _running(mean: Array, value: Array, kept: float) -> Array:
    """Move a running mean towards a value, in place."""
    mean *= kept
    mean += (1 - kept) * value
    return mean


def _moments(memory: Memory, gradient: Array) -> tuple[Array, Array]:
    """The running mean of gradients, and the root of the unbiased one of their squares."""
    mean = _running(memory.array("mean"), gradient, _FIRST)
    squares = _running(memory.array("squares"), gradient**2, _SECOND)
    return mean, np.sqrt(squares) / float(np.sqrt(1 - _SECOND**memory.step)) + _SMALL


def _growing(step: int) -> float:
    """The momentum of Nadam at a step."""
    return _FIRST * (1 - 0.5 * float(0.96 ** (step * _NADAM_DECAY)))
