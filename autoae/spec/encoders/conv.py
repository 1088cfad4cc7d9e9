"""An encoder of convolutions, with linear layers after them if written."""

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from autoae.spec.encoders.base import Depth, EncoderOptions, PerLayer, spread, widths
from autoae.spec.notation import Layer, Symbol
from autoae.spec.residual import MEANING, Residual, with_blocks

_SYMBOLS: dict[str, tuple[Symbol, bool]] = {
    "pool": ("C", False),
    "stride": ("S", False),
    "none": ("C", True),
}


class ConvEncoder(EncoderOptions):
    """`C(32) > C(64)`, or a depth, a width and a way to shrink."""

    kind: Literal["conv"] = Field("conv", description="convolutions")
    depth: Depth = Field(3, description="number of layers")
    width: PerLayer = Field(32, description="channels of each layer, or a list of one per layer")
    growth: PositiveFloat | None = Field(None, description="width of a layer over the one before")
    kernel: PerLayer = Field(3, description="pixels on a side, or a list of one per layer")
    down: Literal["pool", "stride", "none"] = Field(
        "pool", description="how each layer halves the image: max-pool, stride 2, or not at all"
    )
    down_every: PositiveInt = Field(
        1, description="2: only every second layer halves the image, 3: every third"
    )
    residual: Residual = Field(False, description=MEANING)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.refuse_beside_layers(
            "depth", "width", "growth", "kernel", "down", "down_every", "residual"
        )
        widths(self.width, self.depth, self.growth)
        spread(self.kernel, self.depth, "kernel")
        return self

    def pattern(self) -> tuple[Layer, ...]:
        """One `C`, `S` or `C'` a layer, as `down` says, or residual blocks."""
        sides = zip(
            widths(self.width, self.depth, self.growth),
            spread(self.kernel, self.depth, "kernel"),
            strict=True,
        )
        layers = (
            Layer(*self._symbol(number), width, kernel=None if kernel == 3 else kernel)
            for number, (width, kernel) in enumerate(sides, start=1)
        )
        return with_blocks(tuple(layers), self.residual)

    def _symbol(self, number: int) -> tuple[Symbol, bool]:
        """The symbol of a layer, from 1, and its prime."""
        return _SYMBOLS[self.down if number % self.down_every == 0 else "none"]
