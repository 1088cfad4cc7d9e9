"""The encoder of linear layers."""

from torch import nn

from autoae.models.blocks import stack
from autoae.spec.blocks import Block


def build(blocks: tuple[Block, ...]) -> nn.Module:
    """The module that gives the activations of every layer."""
    return stack(blocks)
