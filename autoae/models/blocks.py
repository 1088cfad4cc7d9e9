"""The blocks of a plan as torch modules."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from math import prod

from torch import Tensor, nn

from autoae.spec.blocks import Block

ACTIVATIONS: dict[str, Callable[[float], nn.Module]] = {
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": nn.LeakyReLU,
    "elu": lambda _: nn.ELU(),
    "gelu": lambda _: nn.GELU(),
    "silu": lambda _: nn.SiLU(),
    "tanh": lambda _: nn.Tanh(),
    "sigmoid": lambda _: nn.Sigmoid(),
}
"""Every activation by its name, made with the negative slope that leaky ones have."""


class FeatureStack(nn.ModuleList):
    """Blocks one after another that give what each of them gives."""

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Take (N, channels, height, width); give one batch of features a block."""
        features = [images]
        for block in self:
            features.append(block(features[-1]))
        return tuple(features[1:])


class Residual(nn.Module):
    """Two layers whose result is added to their input, projected where the widths differ.

    The activation after the sum is left to the block (He et al., 2016, Deep Residual Learning
    for Image Recognition).
    """

    def __init__(self, block: Block) -> None:
        super().__init__()
        width = block.outputs[0]
        width_in = prod(block.inputs) if len(block.outputs) == 1 else block.inputs[0]
        self.inner = nn.Sequential(
            _same_size(block, width_in, block.kernel),
            *_norm(block),
            *_activation(block),
            _same_size(block, width, block.kernel),
            *_norm(block),
        )
        same = width_in == width
        self.project = nn.Identity() if same else _same_size(block, width_in, (1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Take and give (N, width) or (N, width, height, width)."""
        total: Tensor = self.inner(features) + self.project(features)
        return total


def stack(blocks: Iterable[Block]) -> FeatureStack:
    """The module of an encoder: blocks in a row, each one's output kept."""
    return FeatureStack(block_module(block) for block in blocks)


def row(blocks: Iterable[Block]) -> nn.Sequential | None:
    """The module of a decoder or head: blocks in a row, or None if there are none."""
    modules = [block_module(block) for block in blocks]
    return nn.Sequential(*modules) if modules else None


def block_module(block: Block) -> nn.Sequential:
    """One block: its layer, norm, activation, pool and dropout, those that it has."""
    parts: OrderedDict[str, nn.Module] = OrderedDict(_layer(block))
    if block.op != "residual":
        parts.update(("norm", norm) for norm in _norm(block))
    parts.update(("activation", activation) for activation in _activation(block))
    if block.pool > 1:
        parts["pool"] = nn.MaxPool2d(block.pool)
    if block.dropout > 0:
        parts["dropout"] = nn.Dropout(block.dropout)
    return nn.Sequential(parts)


def _layer(block: Block) -> dict[str, nn.Module]:
    assert block.op != "stage", "a backbone builds its stages itself"
    match block.op:
        case "conv":
            return {"layer": _conv(block, block.stride)}
        case "nearest":
            return {"resize": _resize(block), "layer": _conv(block, stride=1)}
        case "transpose":
            return {"layer": _transpose(block)}
        case "linear":
            return _linear(block)
        case "residual":
            flatten = _flatten(block) if len(block.outputs) == 1 else {}
            return {**flatten, "layer": Residual(block)}


def _conv(block: Block, stride: int) -> nn.Module:
    channels = (block.inputs[0], block.outputs[0])
    return nn.Conv2d(*channels, block.kernel, stride=stride, padding=block.padding)


def _transpose(block: Block) -> nn.Module:
    channels = (block.inputs[0], block.outputs[0])
    return nn.ConvTranspose2d(*channels, block.kernel, stride=block.stride, padding=block.padding)


def _resize(block: Block) -> nn.Module:
    """Grow to the size of which the convolution leaves exactly the outputs'."""
    size = tuple(
        n + kernel - 1 - 2 * block.padding
        for n, kernel in zip(block.outputs[1:], block.kernel, strict=True)
    )
    return nn.Upsample(size=size, mode="nearest")


def _linear(block: Block) -> dict[str, nn.Module]:
    layer = nn.Linear(prod(block.inputs), prod(block.outputs))
    reshape = {"reshape": nn.Unflatten(1, block.outputs)} if len(block.outputs) > 1 else {}
    return {**_flatten(block), "layer": layer, **reshape}


def _flatten(block: Block) -> dict[str, nn.Module]:
    return {"flatten": nn.Flatten()} if len(block.inputs) > 1 else {}


def _same_size(block: Block, width_in: int, kernel: tuple[int, int]) -> nn.Module:
    """A layer of a residual block, which leaves a map as large as it was."""
    if len(block.outputs) == 1:
        return nn.Linear(width_in, block.outputs[0])
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Conv2d(width_in, block.outputs[0], kernel, padding=padding)


def _norm(block: Block) -> tuple[nn.Module, ...]:
    if not block.batch_norm:
        return ()
    kind = nn.BatchNorm1d if len(block.outputs) == 1 else nn.BatchNorm2d
    return (kind(block.outputs[0]),)


def _activation(block: Block) -> tuple[nn.Module, ...]:
    return () if block.activation is None else (ACTIVATIONS[block.activation](block.slope),)
