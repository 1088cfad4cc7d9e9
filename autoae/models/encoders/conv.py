"""The encoder of convolutions."""

from torch import nn

from autoae.models.blocks import stack
from autoae.spec.blocks import Block


def build(blocks: tuple[Block, ...]) -> nn.Module:
    """The module that gives the feature map of every layer."""
    return stack(blocks)
