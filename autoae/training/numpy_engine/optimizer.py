"""A rule as an optimizer of torch, so that schedules and checkpoints are those of all others."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import Parameter
from torch.optim import Optimizer

from autoae.spec.config import TrainingOptions
from autoae.training.numpy_engine.activations import Array
from autoae.training.numpy_engine.rules import RULES, Rates


class NumpyOptimizer(Optimizer):
    """Moves weights by a rule, in the memory that they share with NumPy.

    Args:
        weights: On the CPU.
        options: Name the rule.
    """

    def __init__(self, weights: Sequence[Parameter], options: TrainingOptions) -> None:
        rates = Rates(options.lr, options.momentum, options.weight_decay)
        super().__init__(weights, vars(rates))
        self._rule = RULES[options.optimizer]

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step of every weight that has a gradient.

        Args:
            closure: Never given; torch's optimizers have it.
        """
        assert closure is None, "the loss is computed before the step"
        for group in self.param_groups:
            rates = Rates(group["lr"], group["momentum"], group["weight_decay"])
            for weight in group["params"]:
                if weight.grad is not None:
                    memory = _StateMemory(weight, self.state[weight])
                    self._rule(weight.numpy(), weight.grad.numpy(), memory, rates)


class _StateMemory:
    """The memory of one weight, kept in the state that torch saves: tensors, floats, a count."""

    def __init__(self, weight: Parameter, state: dict[str, Any]) -> None:
        self._weight, self._state = weight, state
        state["step"] = state.get("step", 0) + 1
        self.step: int = state["step"]
        self.numbers: dict[str, float] = state.setdefault("numbers", {})

    def array(self, name: str) -> Array:
        if name not in self._state:
            self._state[name] = torch.zeros_like(self._weight)
        found: Array = self._state[name].numpy()
        return found
