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

    # Blurred images have the same shape, and each strength would be decoded anew.
    found = facts(options.model_copy(update={"blur": 0.0}))
    return found.shape, len(found.classes)
