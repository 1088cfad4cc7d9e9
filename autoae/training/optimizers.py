"""The optimizers that a study file may name: one entry each.

A new one is an entry here, its name in `autoae.spec.config.TrainingOptions.optimizer`, and its
rules in `autoae.training.numpy_engine.rules` and `autoae.training.stacks.rules`.
"""

from collections.abc import Callable, Sequence

import torch
from torch import optim
from torch.nn import Parameter
from torch.optim import Optimizer

from autoae.spec.config import TrainingOptions
from autoae.training.numpy_engine.optimizer import NumpyOptimizer

Parameters = Sequence[Parameter]
Factory = Callable[[Parameters, TrainingOptions, bool | None], Optimizer]
"""Makes an optimizer of the parameters; the last argument asks for torch's fused step."""


def _sgd(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    return optim.SGD(parameters, options.lr, weight_decay=options.weight_decay, fused=fused)


def _momentum(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    decay = options.weight_decay
    return optim.SGD(parameters, options.lr, options.momentum, weight_decay=decay, fused=fused)


def _nesterov(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    # torch refuses Nesterov's step without momentum; without momentum it is the plain step.
    return optim.SGD(
        parameters,
        options.lr,
        options.momentum,
        weight_decay=options.weight_decay,
        nesterov=options.momentum > 0,
        fused=fused,
    )


def _adagrad(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    return optim.Adagrad(parameters, options.lr, weight_decay=options.weight_decay, fused=fused)


def _rmsprop(parameters: Parameters, options: TrainingOptions, _: bool | None) -> Optimizer:
    decay = options.weight_decay
    return optim.RMSprop(parameters, options.lr, weight_decay=decay, momentum=options.momentum)


def _adam(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    return optim.Adam(parameters, options.lr, weight_decay=options.weight_decay, fused=fused)


def _adamw(parameters: Parameters, options: TrainingOptions, fused: bool | None) -> Optimizer:
    return optim.AdamW(parameters, options.lr, weight_decay=options.weight_decay, fused=fused)


def _nadam(parameters: Parameters, options: TrainingOptions, _: bool | None) -> Optimizer:
    return optim.NAdam(parameters, options.lr, weight_decay=options.weight_decay)


OPTIMIZERS: dict[str, Factory] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "nadam": _nadam,
}

_FUSED: dict[str, frozenset[str]] = {
    "cpu": frozenset({"sgd", "momentum", "nesterov", "adagrad", "adam", "adamw"}),
    "cuda": frozenset({"sgd", "momentum", "nesterov", "adam", "adamw"}),
    "mps": frozenset({"sgd", "momentum", "nesterov", "adam", "adamw"}),
}
"""Where torch has a fused step: up to 1.3 times the speed of small networks."""


def make_optimizer(
    parameters: Parameters, options: TrainingOptions, device: torch.device
) -> Optimizer:
    """The optimizer that the options name, of their engine; fused where torch has that."""
    if options.engine == "numpy":
        return NumpyOptimizer(parameters, options)
    fused = options.optimizer in _FUSED.get(device.type, frozenset())
    return OPTIMIZERS[options.optimizer](parameters, options, True if fused else None)
