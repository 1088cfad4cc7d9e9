"""Where the weights of a network lie in one row of numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Layout:
    """The trained weights of a network, one behind the other.

    Attributes:
        shapes: Of each weight, by its name, in the order of the row.
    """

    shapes: Mapping[str, torch.Size]

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> Self:
        """That of some weights by name."""
        return cls({name: weight.shape for name, weight in weights.items()})

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return sum(self._sizes)

    @property
    def _sizes(self) -> list[int]:
        return [shape.numel() for shape in self.shapes.values()]

    def row(self, values: Iterable[Tensor]) -> Tensor:
        """Tensors of the weights' shapes, in their order, as a new row (size,)."""
        return torch.cat([value.detach().flatten() for value in values])

    def parts(self, rows: Tensor) -> dict[str, Tensor]:
        """Views of rows (..., size), by name: (..., and each weight's shape)."""
        pieces = zip(self.shapes.items(), torch.split(rows, self._sizes, dim=-1), strict=True)
        return {name: piece.view(*rows.shape[:-1], *shape) for (name, shape), piece in pieces}
