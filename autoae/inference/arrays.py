"""Arrays of images in the forms that people have them in, as the one form that a network takes."""

import numpy as np
from numpy.typing import NDArray

from autoae.data.images import Floats
from autoae.inference.errors import InputError
from autoae.spec.blocks import Shape


def channels_first(images: NDArray[np.generic], channels: int) -> NDArray[np.generic]:
    """(N, channels, height, width) of images with channels first, last, or none.

    Raises:
        InputError: They have another number of dimensions or of channels.
    """
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim == 4 and images.shape[1] != channels and images.shape[3] == channels:
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] != channels:
        raise InputError(
            f"expected images (N, {channels}, height, width), found {_shown(images.shape)}"
        )
    return images


def unit_images(images: NDArray[np.generic], shape: Shape) -> Floats:
    """Images of exactly one shape, in float32 between 0 and 1.

    Args:
        images: Bytes, or numbers between 0 and 1; channels first, last, or none.
        shape: (channels, height, width).

    Raises:
        InputError: They are something else, or there are none.
    """
    channels, height, width = shape
    found = channels_first(images, channels)
    if not len(found):
        raise InputError("there are no images")
    if found.shape[1:] != tuple(shape):
        raise InputError(
            f"the model takes images of {height} x {width} pixels, these have "
            f"{found.shape[2]} x {found.shape[3]}"
        )
    return np.ascontiguousarray(unit(found))


def unit(images: NDArray[np.generic]) -> Floats:
    """Images in float32 between 0 and 1.

    Raises:
        InputError: They are neither bytes nor numbers between 0 and 1.
    """
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    if not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"expected bytes, or numbers between 0 and 1, not {images.dtype}")
    found = images.astype(np.float32)
    if found.size and not (
        found.min() >= 0 and found.max() <= 1
    ):  # As well where one is not a number.
        raise InputError(
            f"expected numbers between 0 and 1, found {found.min():g} to {found.max():g}",
            hint="give bytes (uint8) for 0 to 255",
        )
    return found


def _shown(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"
