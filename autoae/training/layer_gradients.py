"""How large the gradient of each layer is."""

import torch
from torch import Tensor

from autoae.models import Network
from autoae.models.initial import Layer


class LayerGradients:
    """Norms of the gradients of the layers' weights, summed on the device over one epoch.

    Args:
        network: Its linear layers and convolutions are looked at, biases and norms are not.
    """

    def __init__(self, network: Network) -> None:
        layers = ((n, each) for n, each in network.named_modules() if isinstance(each, Layer))
        self._weights = {name: layer.weight for name, layer in layers}
        self._sum = torch.zeros(())
        self._steps = 0

    @torch.no_grad()
    def add(self) -> None:
        """Take note of one batch; never waits for the device."""
        norms = [torch.linalg.vector_norm(grad) for _, grad in self._gradients()]
        self._sum = self._sum.to(norms[0].device) + torch.stack(norms)
        self._steps += 1

    def means(self) -> dict[str, float]:
        """By the dotted name of the layer, in order: the mean norm over the batches.

        A layer that is not trained at this time is left out. Waits for the device, once.
        """
        values: list[float] = (self._sum / max(self._steps, 1)).tolist()
        return dict(zip((name for name, _ in self._gradients()), values, strict=True))

    def _gradients(self) -> list[tuple[str, Tensor]]:
        pairs = ((name, weight.grad) for name, weight in self._weights.items())
        return [(name, grad) for name, grad in pairs if grad is not None]
