"""The module of a bridge."""

import torch
from torch import Tensor, nn

from autoae.models.blocks import block_module
from autoae.spec.bridge import Bridge


class BridgeModule(nn.Module):
    """Takes the first features past the latent, and joins both for the head."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.block = block_module(bridge.block)
        self.pool = nn.MaxPool2d(bridge.windows, bridge.strides)

    def forward(self, latent: Tensor, features: Tensor) -> Tensor:
        """Concatenate channels of a spatial latent, or numbers of a flat one.

        Args:
            latent: (N, units) or (N, channels, height, width).
            features: What the first layer of the encoder gives, (N, channels, height, width).
        """
        passed = self.pool(self.block(features))
        return torch.cat([latent, passed.flatten(1) if latent.ndim == 2 else passed], dim=1)
