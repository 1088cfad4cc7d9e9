"""The best epoch so far and the weights that it had."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from autoae.training.look import Look
from autoae.training.selection import Selection


@dataclass
class Best:
    """The best epoch of one member.

    Attributes:
        selection: What best means.
        epoch: From 1; 0 before the first epoch.
        metrics: All metrics of that epoch.
        weights: A copy of all weights and buffers, on the network's device.
        look: What its validation images showed; None where it has none, or was loaded, for a
            checkpoint would be as large again.
    """

    selection: Selection
    epoch: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)
    look: Look | None = None

    def offer(
        self,
        epoch: int,
        metrics: Mapping[str, float],
        network: nn.Module,
        look: Look | None = None,
    ) -> None:
        """Take an epoch if it is the first or strictly better."""
        name = self.selection.metric
        if self.epoch and not self.selection.better(metrics[name], self.metrics[name]):
            return
        self.epoch, self.metrics, self.look = epoch, dict(metrics), look
        self._copy(network)

    @torch.no_grad()
    def _copy(self, network: nn.Module) -> None:
        """Copy into the tensors of the last best epoch, so that memory is taken once."""
        current: dict[str, Tensor] = network.state_dict()
        if not self.weights:
            self.weights = {name: value.clone() for name, value in current.items()}
            return
        # All of one type at once: on a GPU each tensor would be a launch.
        for kind in {value.dtype for value in current.values()}:
            names = [name for name, value in current.items() if value.dtype == kind]
            kept, found = ([each[name] for name in names] for each in (self.weights, current))
            torch._foreach_copy_(kept, found)

    def restore(self, network: nn.Module) -> None:
        """Put the best weights into the network."""
        if self.weights:
            network.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """Epoch, metrics and weights; as torch's own, it holds the live tensors."""
        return {"epoch": self.epoch, "metrics": dict(self.metrics), "weights": self.weights}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from there."""
        self.epoch, self.metrics, self.look = state["epoch"], dict(state["metrics"]), None
        self.weights = {name: value.clone().to(device) for name, value in state["weights"].items()}
