"""Whether a jigsaw of the images makes sense."""

from autoae.spec.blocks import Shape, size_text
from autoae.spec.config import Configuration, LossOptions
from autoae.spec.errors import Unbuildable


def check_jigsaw(configuration: Configuration) -> None:
    """Refuse a jigsaw that no decoder puts together.

    Raises:
        Unbuildable: With the key and the reason.
    """
    if configuration.loss.delta > 0 and not configuration.has_decoder:
        raise Unbuildable(
            "weighs a reconstruction from shuffled pieces, but there is no decoder",
            key="loss.delta",
            hint="set `decoder: mirror`, or leave it out",
        )


def check_grid(loss: LossOptions, image: Shape) -> None:
    """Refuse a grid that does not cut an image into equal pieces.

    Args:
        loss: What the study file says of it.
        image: (channels, height, width).

    Raises:
        Unbuildable: With the grids that would.
    """
    sizes, grid = image[1:], loss.jigsaw_grid
    if loss.delta == 0 or not any(size % grid for size in sizes):
        return
    fitting = [n for n in range(2, min(sizes) + 1) if not any(size % n for size in sizes)]
    known = f"a grid of {', '.join(map(str, fitting))} does" if fitting else "no grid does"
    raise Unbuildable(
        f"a grid of {grid} does not divide images of {size_text(sizes)} pixels",
        key="loss.jigsaw_grid",
        hint=f"{known}; `data.resize` changes their size",
    )
