"""What the images of a data set are like, without loading them."""

from autoae.spec.blocks import Shape
from autoae.spec.config import DataOptions


def images_of(options: DataOptions) -> tuple[Shape, int]:
    """Shape (channels, height, width) and number of classes of a data set.

    Raises:
        SpecError: There is no such data set.
        DataError: Its files are missing or damaged.
    """
    from autoae.data import facts

    found = facts(options)
    return found.shape, len(found.classes)
