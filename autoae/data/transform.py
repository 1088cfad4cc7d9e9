"""Bring an image to the size that a study asks for: shorter side first, then a centred square."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from autoae.data.images import Bytes
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError


def transformed(image: Bytes, options: DataOptions, origin: str) -> Bytes:
    """Resize and crop one image as `data.resize` and `data.center_crop` say.

    Args:
        image: (H, W, C), C being 1 or 3.
        options: The `data` section of the study.
        origin: Where the image comes from, for the error message.

    Returns:
        (H', W', C); a square with `center_crop`.

    Raises:
        SpecError: The crop is larger than the image.
    """
    if options.resize is not None:
        image = resized(image, options.resize)
    if options.center_crop is not None:
        _check_crop(image.shape[:2], options.center_crop, origin)
        image = cropped(image, options.center_crop)
    return image


def shape_after(
    shape: tuple[int, int, int], options: DataOptions, origin: str
) -> tuple[int, int, int]:
    """What `transformed` makes of a shape (C, H, W), without an image.

    Raises:
        SpecError: The crop is larger than the image.
    """
    channels, *size = shape
    if options.resize is not None:
        size = list(_scaled(size[0], size[1], options.resize))
    if options.center_crop is not None:
        _check_crop(size, options.center_crop, origin)
        size = [options.center_crop] * 2
    return channels, size[0], size[1]


def resized(image: Bytes, shorter: int) -> Bytes:
    """Scale an image so that its shorter side has that many pixels.

    Pillow's bilinear filter, whose support grows with the scale and so avoids aliasing.
    """
    height, width = image.shape[:2]
    if min(height, width) == shorter:
        return image
    tall, wide = _scaled(height, width, shorter)
    grey = image.shape[2] == 1
    picture = Image.fromarray(np.ascontiguousarray(image[:, :, 0] if grey else image))
    pixels = np.asarray(picture.resize((wide, tall), Image.Resampling.BILINEAR))
    return pixels.reshape(*pixels.shape[:2], image.shape[2])


def _scaled(height: int, width: int, shorter: int) -> tuple[int, int]:
    longer = int(shorter * max(height, width) / min(height, width))
    return (longer, shorter) if width <= height else (shorter, longer)


def cropped(image: Bytes, side: int) -> Bytes:
    """The centred square of an image, (side, side, C)."""
    top = (image.shape[0] - side) // 2
    left = (image.shape[1] - side) // 2
    return image[top : top + side, left : left + side]


def _check_crop(size: Sequence[int], side: int, origin: str) -> None:
    height, width = size
    if side > min(height, width):
        raise SpecError(
            f"a square of {side} pixels does not fit into {origin}, {height} x {width} pixels",
            hint=f"set data.resize to {side} or more, or lower data.center_crop",
            key="data.center_crop",
        )
