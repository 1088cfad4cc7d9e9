"""What every encoder's options have in common."""

from functools import partial
from math import log
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from autoae.spec.blocks import Block, Shape, Style, block_of, chain
from autoae.spec.errors import SpecError
from autoae.spec.notation import MOST_LAYERS, Layer, joined, parse

WIDEST = 10**9 - 1
"""Channels or units of a layer, as many digits as the notation has."""

Width = Annotated[int, Field(ge=1, le=WIDEST)]
Depth = Annotated[int, Field(ge=1, le=MOST_LAYERS)]
PerLayer = Width | Annotated[tuple[Width, ...], Field(strict=False)]
"""One number for all layers, or one for each."""


class EncoderOptions(BaseModel):
    """The encoder of a study file: layers in notation, or a pattern that stands for them.

    A kind of encoder gives its fields, and `pattern`; one whose layers the notation cannot say
    gives `blocks` instead.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    kind: str = Field(description="name of an encoder")
    layers: str | None = Field(None, description="layers in notation, in place of a pattern")

    @field_validator("layers")
    @classmethod
    def _parsed(cls, layers: str | None) -> str | None:
        if layers is not None:
            cls.check(parse(layers))
        return layers

    @classmethod
    def check(cls, layers: tuple[Layer, ...]) -> None:
        """Refuse layers that this kind does not take.

        Raises:
            SpecError: One of them is of another kind.
        """

    def pattern(self) -> tuple[Layer, ...]:
        """The layers that the options stand for where none are written."""
        raise NotImplementedError

    def blocks(self, image: Shape, style: Style) -> tuple[Block, ...]:
        """Work out the layers on an image.

        Args:
            image: (channels, height, width).
            style: What the layers of the network have in common.

        Raises:
            Unbuildable: A layer does not fit its input.
        """
        return chain(self.written(), image, partial(block_of, style=style))

    @property
    def pretrained(self) -> bool:
        """Whether it begins with weights that have to be fetched."""
        return False

    def check_size(self, side: int) -> None:
        """Refuse images that are too small for any options of this kind.

        Args:
            side: Pixels of their shorter side.

        Raises:
            Unbuildable: They are.
        """

    def notation(self, blocks: tuple[Block, ...]) -> str:
        """The encoder in tables and headings: its layers, or a name for all of them."""
        return joined(block.notation for block in blocks)

    def written(self) -> tuple[Layer, ...]:
        """The layers, written or by pattern."""
        return self.pattern() if self.layers is None else parse(self.layers)

    def refuse_beside_layers(self, *names: str) -> None:
        """Refuse fields of the pattern beside `layers`, unless they say what they do anyway.

        Raises:
            SpecError: One of them is given.
        """
        fields = type(self).model_fields
        for name in names:
            if self.layers is not None and getattr(self, name) != fields[name].default:
                raise SpecError(f"`layers` says it all: `{name}` has no place beside it")


def spread(value: int | tuple[int, ...], depth: int, name: str) -> tuple[int, ...]:
    """One number for each layer.

    Raises:
        SpecError: As many were given as there are not layers.
    """
    values = (value,) * depth if isinstance(value, int) else value
    if len(values) != depth:
        raise SpecError(f"`{name}` lists {len(values)}, one for each layer, and `depth` is {depth}")
    return values


def widths(
    width: int | tuple[int, ...], depth: int, growth: float | None, least: int = 1
) -> tuple[int, ...]:
    """The width of each layer; with a growth, layer i has `round(width * growth**i)`.

    Raises:
        SpecError: A growth beside a width for each layer, or a wrong number of widths.
    """
    if growth is None:
        return spread(width, depth, "width")
    if not isinstance(width, int):
        raise SpecError("`growth` needs one `width`, that of the first layer")
    if log(width) + (depth - 1) * log(growth) > log(WIDEST):
        raise SpecError(f"with this `growth` the last layer is wider than {WIDEST:,}")
    return tuple(max(least, round(width * growth**layer)) for layer in range(depth))
