"""Backbones: well-known networks of torchvision, without their classifiers, as encoders.

Another one of torchvision's is its stages in `BACKBONES` and its name in `Backbone`; the module
follows from the names of its parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import Literal

from pydantic import Field

from autoae.spec.blocks import Block, Shape, Style, size_text
from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.notation import Layer

Backbone = Literal["vgg16", "resnet50", "mobilenet_v2", "squeezenet1_1"]

_CHANNELS = 3
_LABELS = {"none": "from scratch", "imagenet": "ImageNet weights"}


@dataclass(frozen=True)
class Window:
    """A strided convolution or a pool, as far as the size of a map goes.

    Attributes:
        kernel: Pixels on a side.
        stride: Pixels.
        padding: Pixels on each side.
        ceil: Whether a last window that is only partly on the map counts.
    """

    kernel: int
    stride: int
    padding: int = 0
    ceil: bool = False

    def size(self, side: int) -> int:
        """The pixels that it leaves of a side; below 1 where the side is too short."""
        room = side + 2 * self.padding - self.kernel
        return (-(-room // self.stride) if self.ceil else room // self.stride) + 1


@dataclass(frozen=True)
class Stage:
    """A part of a backbone whose output is one of its features.

    Attributes:
        name: As its authors call it.
        modules: Dotted names in torchvision's network, one after another.
        width: Channels that it gives.
        windows: That shrink the map on its way.
        inner: Channels of its narrow middle, where it has one.
    """

    name: str
    modules: tuple[str, ...]
    width: int
    windows: tuple[Window, ...] = ()
    inner: int | None = None

    def block(self, inputs: Shape) -> Block:
        """The stage on an input, (channels, height, width)."""
        sizes = inputs[1:]
        for window in self.windows:
            sizes = tuple(window.size(side) for side in sizes)
        return Block(
            "stage",
            inputs,
            (self.width, *sizes),
            kernel=(3, 3),
            stride=prod(window.stride for window in self.windows),
            padding=1,
            activation="relu",
            inner=self.inner,
            notation=f"{self.name}({self.width})",
        )


_HALF = Window(3, 2, 1)


def _vgg16() -> Iterator[Stage]:
    """Simonyan and Zisserman, 2015: thirteen convolutions, a pool after each group."""
    index = 0
    for group, (width, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for number in range(1, depth + 1):
            pools = number == depth
            modules = _features(index, 3 if pools else 2)
            windows = (Window(2, 2),) if pools else ()
            yield Stage(f"conv{group}_{number}", modules, width, windows)
            index += len(modules)


def _resnet50() -> Iterator[Stage]:
    """He et al., 2016: a convolution of 7, a pool, and sixteen bottlenecks."""
    yield Stage("conv1", ("conv1", "bn1", "relu"), 64, (Window(7, 2, 3),))
    for layer, (width, depth) in enumerate([(256, 3), (512, 4), (1024, 6), (2048, 3)], 1):
        for number in range(depth):
            name = f"layer{layer}.{number}"
            modules = ("maxpool", name) if (layer, number) == (1, 0) else (name,)
            yield Stage(name, modules, width, () if number else (_HALF,), width // 4)


def _mobilenet_v2() -> Iterator[Stage]:
    """Sandler et al., 2018: a convolution, seventeen inverted residuals, a convolution of 1."""
    widths = [32, 16, *2 * [24], *3 * [32], *4 * [64], *3 * [96], *3 * [160], 320, 1280]
    for index, width in enumerate(widths):
        windows = (_HALF,) if index in {0, 2, 4, 7, 14} else ()
        yield Stage(f"features.{index}", _features(index), width, windows)


def _squeezenet1_1() -> Iterator[Stage]:
    """Iandola et al., 2016, in its version 1.1: a convolution, and eight fires between pools."""
    yield Stage("conv1", _features(0, 2), 64, (Window(3, 2),))
    index = 2
    for number, width in enumerate([128, 128, 256, 256, 384, 384, 512, 512], 2):
        pools = number in {2, 4, 6}
        modules = _features(index, 2 if pools else 1)
        windows = (Window(3, 2, ceil=True),) if pools else ()
        yield Stage(f"fire{number}", modules, width, windows, width // 8)
        index += len(modules)


def _features(index: int, number: int = 1) -> tuple[str, ...]:
    return tuple(f"features.{each}" for each in range(index, index + number))


BACKBONES: dict[str, tuple[Stage, ...]] = {
    "vgg16": tuple(_vgg16()),
    "resnet50": tuple(_resnet50()),
    "mobilenet_v2": tuple(_mobilenet_v2()),
    "squeezenet1_1": tuple(_squeezenet1_1()),
}
"""Every backbone by its name in torchvision, from the image to its last feature map."""


class BackboneEncoder(EncoderOptions):
    """`{kind: resnet50, weights: imagenet}`."""

    kind: Backbone = Field(description="a network of torchvision, without its classifier")
    layers: str | None = Field(None, description="none: its layers are its own")
    weights: Literal["none", "imagenet"] = Field(
        "none", description="what it begins with: `imagenet` fetches those of torchvision"
    )

    @classmethod
    def check(cls, layers: tuple[Layer, ...]) -> None:
        """Refuse any layers."""
        raise SpecError(f"a backbone has layers of its own, and {layers[0]} is none of them")

    @property
    def pretrained(self) -> bool:
        """Whether it begins with the weights of ImageNet."""
        return self.weights == "imagenet"

    def blocks(self, image: Shape, style: Style) -> tuple[Block, ...]:  # noqa: ARG002
        """Work out its stages; activations and norms are its own, whatever the style."""
        self.check_size(min(image[1:]))
        if image[0] != _CHANNELS:
            raise Unbuildable(
                f"{self.kind} takes images of {_CHANNELS} channels, and these are "
                f"{size_text(image)}",
                key="model.encoder.kind",
                hint="choose a data set of colour images, or encoder `conv`",
            )
        blocks: list[Block] = []
        for stage in BACKBONES[self.kind]:
            blocks.append(stage.block(blocks[-1].outputs if blocks else image))
        return tuple(blocks)

    def check_size(self, side: int) -> None:
        """Refuse images of which nothing would be left.

        Args:
            side: Pixels of their shorter side.

        Raises:
            Unbuildable: They are too small.
        """
        least = smallest(self.kind)
        if side < least:
            raise Unbuildable(
                f"{self.kind} needs images of {least} pixels on a side or more, and these have "
                f"{side}",
                key="data",
                hint=f"set `data.resize: {least}` or more, and `data.center_crop` no smaller",
            )

    def notation(self, blocks: tuple[Block, ...]) -> str:  # noqa: ARG002
        """Its name, and what it begins with."""
        return f"{self.kind} ({_LABELS[self.weights]})"


def smallest(kind: str) -> int:
    """Pixels on a side of the smallest images that leave a backbone a pixel."""
    windows = [window for stage in BACKBONES[kind] for window in stage.windows]
    return next(side for side in count(1) if _left(side, windows) >= 1)


def _left(side: int, windows: list[Window]) -> int:
    for window in windows:
        side = window.size(side)
        if side < 1:
            return 0
    return side
