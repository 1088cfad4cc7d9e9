"""From the layers of a pattern to residual blocks: one for each layer, or one for each pair."""

from typing import Literal

from autoae.spec.errors import Unbuildable
from autoae.spec.notation import Layer

Residual = bool | Literal["matched"]
"""Whether a pattern has residual blocks; `matched`: with as many parameters as without."""

MEANING = (
    "residual blocks in place of all layers but the first; `matched`: of every two layers "
    "that keep the width, so that parameters stay as many"
)
KEY = "model.encoder.residual"


def with_blocks(layers: tuple[Layer, ...], residual: Residual) -> tuple[Layer, ...]:
    """The layers of a pattern with the residual blocks that it asks for.

    With `matched` nothing is projected: two layers become one block whose shortcut has no
    parameters, which leaves depth, widths, parameters and operations as they were (He et al., 2016,
    Deep Residual Learning for Image Recognition, compare plain and residual networks so).

    Raises:
        Unbuildable: There is no layer that could be a block.
    """
    if residual is False:
        return layers
    blocks = _paired(layers) if residual == "matched" else _replaced(layers)
    if all(layer.symbol != "R" for layer in blocks):
        reason = "no layer can become a residual block: "
        reason += "no two in a row keep the width" if residual == "matched" else "there is only one"
        raise Unbuildable(reason, key=KEY)
    return blocks


def _replaced(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    first, *others = layers
    return (first, *(_block(layer) for layer in others))


def _paired(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    first, *left = layers
    found = [first]
    while left:
        two = len(left) > 1 and _fit(found[-1], left[0], left[1])
        found.append(_block(left[1]) if two else left[0])
        del left[: 2 if two else 1]
    return tuple(found)


def _fit(before: Layer, first: Layer, second: Layer) -> bool:
    """Whether two layers keep width and size until the pool of the second one, and are alike."""
    return (
        before.width == first.width == second.width
        and first.kernel == second.kernel
        and (first.kernel or 3) % 2 == 1
        and not (_pools(first) or "S" in (first.symbol, second.symbol))
    )


def _block(layer: Layer) -> Layer:
    if layer.symbol == "S":
        raise Unbuildable(
            "a residual block has no stride", key=KEY, hint="set `down: pool` or `down: none`"
        )
    return Layer("R", False, layer.width, layer.kernel, pool=2 if _pools(layer) else None)


def _pools(layer: Layer) -> bool:
    return layer.symbol == "C" and not layer.plain
