"""Decoders: the mirror of an encoder, or a list of their own, to the exact size of the image."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import Literal

from autoae.spec.blocks import (
    Block,
    Shape,
    Style,
    block_of,
    chain,
    pool_of,
    size_text,
    stride_of,
    styled,
)
from autoae.spec.errors import Unbuildable
from autoae.spec.notation import Layer, Symbol

Up = Literal["transpose", "nearest"]
"""How a decoder grows: transposed convolution, or resize and convolution."""

KEY = "model.decoder"


def mirrored(blocks: Sequence[Block], style: Style, up: Up) -> tuple[Block, ...]:
    """The blocks that undo others, last one first, each giving exactly what its twin took."""
    layers = [layer for block in blocks for layer in _main_path(block)]
    return tuple(_twin(layer, style, up) for layer in reversed(layers))


def written(layers: Iterable[Layer], inputs: Shape, style: Style, up: Up) -> tuple[Block, ...]:
    """The blocks of a decoder in notation, read as growing.

    `C` and `S` multiply the size by their stride (`C` by 2 for its pool), with a kernel at least
    as large as written. Where a padding is written, all is taken as written. The dropout of the
    model is for what it encodes; here only a written one counts.

    Raises:
        Unbuildable: A layer does not fit its input.
    """
    own = replace(style, dropout=0.0)
    return chain(layers, inputs, partial(_grown, style=own, up=up), key=KEY)


def as_output(block: Block, activation: str | None) -> Block:
    """A block as the last of a decoder: no norm, no dropout, and the activation of the output.

    A residual block becomes the plain layer of its kind, as its output would be a sum with what
    is not yet a picture.
    """
    last = replace(block, batch_norm=False, activation=activation, dropout=0.0)
    if block.op == "linear" or len(block.inputs) == 1:
        text = str(Layer("L", True, prod(block.outputs)))
        return replace(last, op="linear", notation=text)
    if block.op == "residual":
        return replace(last, op="conv", notation=block.notation.replace("R(", "C'("))
    return last


def fitted(blocks: Sequence[Block], image: Shape) -> tuple[Block, ...]:
    """The blocks of a written decoder, the last one giving the image.

    Raises:
        Unbuildable: They end with another size or other channels.
    """
    *hidden, last = blocks
    if last.outputs == (prod(image),):
        return (*hidden, replace(last, outputs=image))
    if last.outputs != image:
        raise Unbuildable(
            f"the decoder ends with {size_text(last.outputs)}, and the image is "
            f"{size_text(image)}; its last layer must give exactly the image",
            key=KEY,
            hint="`decoder: mirror` always fits",
        )
    return tuple(blocks)


def _main_path(block: Block) -> tuple[Block, ...]:
    """A stage of a backbone as convolutions, through its narrow middle if it has one.

    Its shortcuts, and the groups of its convolutions, are not mirrored.
    """
    if block.op != "stage":
        return (block,)
    whole = replace(block, op="conv", inner=None)
    if block.inner is None:
        return (whole,)
    before, after = ((block.inner, *shape[1:]) for shape in (block.inputs, block.outputs))
    point = replace(whole, kernel=(1, 1), stride=1, padding=0)
    return (
        replace(point, outputs=before),
        replace(whole, inputs=before, outputs=after),
        replace(point, inputs=after),
    )


def _twin(block: Block, style: Style, up: Up) -> Block:
    if block.op == "residual" and block.pool > 1:
        # A residual block cannot grow, so that a convolution undoes one that shrinks.
        block = replace(block, op="conv")
    hidden = block.activation is not None or len(block.inputs) == 1
    twin = replace(
        block,
        inputs=block.outputs,
        outputs=block.inputs,
        pool=1,
        batch_norm=style.batch_norm and hidden,
        activation=style.activation if hidden else None,
        dropout=0.0,
        notation=_twin_text(block, hidden=hidden),
    )
    return _growing(twin, block.stride * block.pool, up) if block.op == "conv" else twin


def _twin_text(block: Block, *, hidden: bool) -> str:
    """The mirrored layer as text: the same kind, with the width that its twin gives."""
    if len(block.outputs) == 1:
        dense: Symbol = "L" if block.op == "linear" else "R"
        return str(Layer(dense, dense == "L" and not hidden, prod(block.inputs)))
    strided = block.stride > 1 and block.pool == 1
    symbol: Symbol = "R" if block.op == "residual" else "S" if strided else "C"
    plain = symbol == "C" and block.pool == 1
    kernel = _unless(block.kernel[0], usual=3)
    stride = _unless(block.stride, usual=2 if strided else 1)
    padding = _unless(block.padding, usual=(block.kernel[0] - 1) // 2)
    return str(Layer(symbol, plain, block.inputs[0], kernel, stride, padding))


def _unless(value: int, *, usual: int) -> int | None:
    return None if value == usual else value


def _grown(layer: Layer, inputs: Shape, style: Style, up: Up) -> Block:
    if len(inputs) == 1 or layer.symbol in "LR":
        return block_of(layer, inputs, style)
    kernel, factor = layer.kernel or 3, stride_of(layer) * pool_of(layer)
    sizes = tuple(_grown_size(n, factor, kernel, layer.padding) for n in inputs[1:])
    if min(sizes) < 1:
        raise Unbuildable(f"it leaves no pixel of its input of {size_text(inputs)}")
    # Half of what the kernel exceeds the stride by, rounded up: the kernel never shrinks.
    padding = max(0, (kernel - factor + 1) // 2) if layer.padding is None else layer.padding
    outputs = (layer.width, *sizes)
    block = Block("conv", inputs, outputs, (kernel, kernel), padding=padding)
    return _growing(styled(block, layer, style), factor, up)


def _grown_size(size: int, factor: int, kernel: int, padding: int | None) -> int:
    if padding is None:
        return size * factor
    return (size - 1) * factor - 2 * padding + kernel


def _growing(block: Block, factor: int, up: Up) -> Block:
    """Settle how a block comes from its inputs to its outputs, `factor` times as large or so."""
    if up == "nearest":
        same = (block.kernel[0] - 1) // 2
        return replace(block, op="nearest", stride=1, padding=same)
    # The kernel grows by the pixels that a multiple of the stride misses, so that the size is
    # exact for every image, odd ones too, and no output padding is needed.
    height, width = (
        large - (small - 1) * factor + 2 * block.padding
        for small, large in zip(block.inputs[1:], block.outputs[1:], strict=True)
    )
    return replace(block, op="transpose", kernel=(height, width), stride=factor)
