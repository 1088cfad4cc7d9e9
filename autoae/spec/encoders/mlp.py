"""An encoder of linear layers on the flattened image."""

from dataclasses import replace
from functools import partial
from math import prod
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from autoae.spec.blocks import Block, Shape, Style, block_of, chain
from autoae.spec.encoders.base import Depth, EncoderOptions, PerLayer, widths
from autoae.spec.errors import SpecError
from autoae.spec.notation import Layer
from autoae.spec.residual import MEANING, Residual, with_blocks


class MlpEncoder(EncoderOptions):
    """`L(512) > L(128)`, or a depth and a width of hidden layers."""

    kind: Literal["mlp"] = Field("mlp", description="linear layers")
    depth: Depth = Field(2, description="number of layers")
    width: PerLayer = Field(128, description="units of each layer, or a list of one per layer")
    growth: PositiveFloat | None = Field(None, description="width of a layer over the one before")
    least_width: PositiveInt = Field(1, description="where `growth` ends, if it is below 1")
    residual: Residual = Field(False, description=MEANING)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.refuse_beside_layers("depth", "width", "growth", "least_width", "residual")
        self._widths()
        return self

    @classmethod
    def check(cls, layers: tuple[Layer, ...]) -> None:
        """Refuse convolutions."""
        for layer in layers:
            if layer.symbol in "CS":
                raise SpecError(f"an mlp has L, L' and R layers, and no {layer}")

    def pattern(self) -> tuple[Layer, ...]:
        """One `L` a layer, or residual blocks."""
        plain = tuple(Layer("L", False, width) for width in self._widths())
        return with_blocks(plain, self.residual)

    def _widths(self) -> tuple[int, ...]:
        if self.least_width > 1 and self.growth is None:
            raise SpecError("`least_width` needs a `growth` that it ends")
        return widths(self.width, self.depth, self.growth, self.least_width)

    def blocks(self, image: Shape, style: Style) -> tuple[Block, ...]:
        """Work out the layers on the flattened image, residual ones too."""
        flat, lay = (prod(image),), partial(block_of, style=style)
        first, *others = chain(self.written(), flat, lay)
        return (replace(first, inputs=image), *others)
