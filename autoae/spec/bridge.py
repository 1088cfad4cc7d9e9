"""A bridge: what the first layer sees, past all that lies between, to the head."""

from dataclasses import dataclass, replace

from autoae.spec.blocks import Block, Shape, Style, block_of, size_text
from autoae.spec.config import Configuration
from autoae.spec.errors import Unbuildable
from autoae.spec.notation import Layer

KEY = "model.bridge"

_SIDE = 4
"""Pixels on a side that are left of it beside a flat latent: where things are still counts."""


@dataclass(frozen=True)
class Bridge:
    """One convolution of the first feature map, and a max-pool.

    Attributes:
        block: The convolution.
        outputs: After the pool, (channels, height, width): as large as a spatial latent, whose
            channels it joins; flattened beside a flat one.
    """

    block: Block
    outputs: Shape

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels between the windows of the pool, down and across."""
        (tall, wide), (rows, columns) = self.block.outputs[1:], self.outputs[1:]
        return tall // rows, wide // columns

    @property
    def windows(self) -> tuple[int, int]:
        """Pixels of a window: the last one ends with the map, whatever its size."""
        height, width = self.strides
        (tall, wide), (rows, columns) = self.block.outputs[1:], self.outputs[1:]
        return tall - (rows - 1) * height, wide - (columns - 1) * width

    def joined(self, latent: Shape) -> Shape:
        """The shape of a latent together with it."""
        if len(latent) == 1:
            channels, height, width = self.outputs
            return (latent[0] + channels * height * width,)
        return (latent[0] + self.outputs[0], *latent[1:])


def plan_bridge(channels: int, feature: Shape, latent: Shape, style: Style) -> Bridge:
    """Work out a bridge.

    Args:
        channels: Of its convolution.
        feature: What the first layer of the encoder gives.
        latent: What it joins.
        style: What the layers of the network have in common.

    Raises:
        Unbuildable: The feature is flat, or smaller than a spatial latent.
    """
    if len(feature) == 1:
        raise _no_map()
    block = block_of(Layer("C", True, channels), feature, replace(style, dropout=0.0))
    sizes = latent[1:] or tuple(min(_SIDE, size) for size in feature[1:])
    if any(size < left for size, left in zip(feature[1:], sizes, strict=True)):
        raise Unbuildable(
            f"the first layer gives {size_text(feature)}, smaller than the latent's "
            f"{size_text(latent)}: a bridge only shrinks",
            key=KEY,
        )
    return Bridge(block, (channels, *sizes))


def check_bridge(configuration: Configuration) -> None:
    """Refuse a bridge that begins or ends nowhere.

    Raises:
        Unbuildable: With the reason.
    """
    model = configuration.model
    if model.bridge is None:
        return
    if not configuration.has_head:
        raise Unbuildable(
            "a bridge leads to the head, and `model.task` is none",
            key=KEY,
            hint="set `task: classify`, or leave it out",
        )
    if model.encoder.kind == "mlp":
        raise _no_map()


def _no_map() -> Unbuildable:
    return Unbuildable(
        "a bridge is a convolution of the first layer's features, and that layer is linear",
        key=KEY,
        hint="begin the encoder with a convolution, or leave it out",
    )
