"""What a network is made of, as shapes and numbers; the same for planning and for building."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from autoae.spec.errors import Unbuildable
from autoae.spec.notation import Layer

Shape = tuple[int, ...]
"""(channels, height, width) of a map, or (units,) of a flat layer."""

Operation = Literal["conv", "transpose", "nearest", "linear", "residual", "stage"]


@dataclass(frozen=True)
class Style:
    """What the layers of a network have in common.

    Attributes:
        activation: Of every hidden layer.
        slope: Negative slope of a leaky activation.
        batch_norm: Whether hidden layers are normalised.
        dropout: Share of activations dropped.
        dropout_after: The hidden layers that dropout follows.
    """

    activation: str
    slope: float
    batch_norm: bool
    dropout: float
    dropout_after: Literal["linear", "conv", "all"]

    def dropout_in(self, kind: Literal["linear", "conv"]) -> float:
        """The share dropped after hidden layers of a kind."""
        return self.dropout if self.dropout_after in (kind, "all") else 0.0


@dataclass(frozen=True)
class Block:
    """One layer with its norm, activation, pool and dropout, applied in this order.

    Attributes:
        op: `conv`, `transpose` (transposed convolution), `nearest` (resize, then convolution),
            `linear`, `residual` (of convolutions, or of linear layers if its output is flat), or
            `stage` (a part of a backbone, which its encoder knows how to build).
        inputs: Shape that it takes; a linear layer flattens a map.
        outputs: Shape that it gives, after the pool; a linear layer may give a map.
        kernel: Pixels, height and width.
        stride: Pixels.
        padding: Pixels on each side.
        pool: Side of the max-pool; 1 is none.
        batch_norm: Whether its output is normalised.
        activation: Its name, or None.
        slope: Negative slope of a leaky activation.
        dropout: Share of activations dropped.
        inner: Channels of the narrow middle that a stage of a backbone may have.
        notation: Its layer as text.
    """

    op: Operation
    inputs: Shape
    outputs: Shape
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: int = 0
    pool: int = 1
    batch_norm: bool = False
    activation: str | None = None
    slope: float = 0.01
    dropout: float = 0.0
    inner: int | None = None
    notation: str = ""


def chain(
    layers: Iterable[Layer],
    inputs: Shape,
    lay: Callable[[Layer, Shape], Block],
    *,
    key: str = "model.encoder",
) -> tuple[Block, ...]:
    """Lay layers one after another, each on the output of the one before.

    Args:
        layers: As parsed.
        inputs: Shape that the first one takes.
        lay: Works out one layer on its input.
        key: Where in the study file they are written.

    Raises:
        Unbuildable: A layer does not fit its input; says which.
    """
    blocks: list[Block] = []
    for number, layer in enumerate(layers, start=1):
        try:
            blocks.append(lay(layer, blocks[-1].outputs if blocks else inputs))
        except Unbuildable as error:
            raise Unbuildable(f"layer {number}, {layer}: {error.message}", key=key) from None
    return tuple(blocks)


def block_of(layer: Layer, inputs: Shape, style: Style) -> Block:
    """Work out one layer on an input of a shape.

    Raises:
        Unbuildable: It shrinks its input below one pixel, or needs a map and gets none.
    """
    if layer.symbol == "L" or (layer.symbol == "R" and len(inputs) == 1):
        return _dense(layer, inputs, style)
    if len(inputs) == 1:
        raise Unbuildable("a convolution needs a feature map, and its input is flat")
    return _residual(layer, inputs, style) if layer.symbol == "R" else _conv(layer, inputs, style)


def linear(inputs: Shape, outputs: Shape) -> Block:
    """A linear layer without norm and activation."""
    return Block("linear", inputs, outputs, notation=str(Layer("L", True, prod(outputs))))


def size_text(shape: Shape) -> str:
    """A shape as people write it: `32x14x14`."""
    return "x".join(map(str, shape))


def styled(block: Block, layer: Layer, style: Style) -> Block:
    """Give a block what its layer and the network's style say."""
    noted = replace(block, slope=style.slope, notation=str(layer))
    if layer.symbol == "L" and layer.plain:
        return noted
    usual = style.dropout_in("linear" if len(block.outputs) == 1 else "conv")
    return replace(
        noted,
        batch_norm=style.batch_norm,
        activation=style.activation,
        dropout=usual if layer.dropout is None else layer.dropout,
    )


def stride_of(layer: Layer) -> int:
    """The stride that a convolution has, written or usual."""
    return layer.stride or (2 if layer.symbol == "S" else 1)


def pool_of(layer: Layer) -> int:
    """The side of the max-pool of a layer; 1 is none."""
    return layer.pool or (2 if (layer.symbol, layer.plain) == ("C", False) else 1)


def _dense(layer: Layer, inputs: Shape, style: Style) -> Block:
    if layer.kernel is not None:
        raise Unbuildable("its input is flat, a kernel has no place there")
    if layer.pool is not None:
        raise Unbuildable("its input is flat, a max-pool has no place there")
    return styled(
        Block("residual" if layer.symbol == "R" else "linear", inputs, (layer.width,)),
        layer,
        style,
    )


def _residual(layer: Layer, inputs: Shape, style: Style) -> Block:
    kernel = layer.kernel or 3
    if kernel % 2 == 0:
        raise Unbuildable("the kernel of a residual block must be odd, so that it keeps the size")
    pool = pool_of(layer)
    sizes = tuple(n // pool for n in inputs[1:])
    _check_size(sizes, inputs)
    block = Block("residual", inputs, (layer.width, *sizes), (kernel, kernel), pool=pool)
    return styled(replace(block, padding=kernel // 2), layer, style)


def _conv(layer: Layer, inputs: Shape, style: Style) -> Block:
    kernel = layer.kernel or 3
    stride, pool = stride_of(layer), pool_of(layer)
    padding = (kernel - 1) // 2 if layer.padding is None else layer.padding
    sizes = tuple(((n + 2 * padding - kernel) // stride + 1) // pool for n in inputs[1:])
    _check_size(sizes, inputs)
    block = Block("conv", inputs, (layer.width, *sizes), (kernel, kernel), stride, padding, pool)
    return styled(block, layer, style)


def _check_size(sizes: Shape, inputs: Shape) -> None:
    if min(sizes) < 1:
        raise Unbuildable(f"it shrinks its input of {size_text(inputs)} below one pixel")
