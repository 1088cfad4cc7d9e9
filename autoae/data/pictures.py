"""Image files to arrays, with Pillow; an image that cannot be read is one clear error."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from posixpath import splitext

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from autoae.data.errors import DataError
from autoae.data.images import Bytes

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp")
)

# Not whatever Pillow knows: some formats start other programs.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")


def is_image(name: str) -> bool:
    """Whether a file is an image by its name."""
    return splitext(name)[1].lower() in SUFFIXES


@contextmanager
def pillow_warnings() -> Iterator[None]:
    """Make an image of far too many pixels an error, and silence what does not matter.

    Warnings belong to the whole process, so this stands around a run and not around an image.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def decode(content: bytes, origin: str, *, grey: bool) -> Bytes:
    """Decode one image, turned upright as its camera noted.

    Args:
        content: The bytes of the file.
        origin: Where it comes from, for the error message.
        grey: One channel rather than three.

    Returns:
        (H, W, 1) or (H, W, 3).

    Raises:
        DataError: It is damaged, of an unknown kind, or larger than `PIL.Image.MAX_IMAGE_PIXELS`.
    """
    with _reading(origin), Image.open(BytesIO(content), formats=_FORMATS) as image:
        if "exif" in image.info:
            ImageOps.exif_transpose(image, in_place=True)
        pixels = np.asarray(_eight_bits(image).convert("L" if grey else "RGB"))
    return pixels.reshape(*pixels.shape[:2], 1 if grey else 3)


def is_grey(content: bytes, origin: str) -> bool:
    """Whether an image has no colours, as its header says.

    Raises:
        DataError: As for `decode`.
    """
    with _reading(origin), Image.open(BytesIO(content), formats=_FORMATS) as image:
        if image.mode == "P":
            pixels = np.asarray(image.convert("RGB"))
            return bool((pixels == pixels[:, :, :1]).all())
        return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers; save it with 8 bits")
    # Pillow would clip 16 bits at 255 rather than scale them.
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))


@contextmanager
def _reading(origin: str) -> Iterator[None]:
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            f"{origin} is refused: more than {Image.MAX_IMAGE_PIXELS:,} pixels",
            hint="scale the image down, or remove it",
        ) from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{origin} cannot be read as an image: it is in no format that Pillow knows",
            hint="replace the file, or remove it",
        ) from error
    except Exception as error:  # Pillow's decoders raise whatever they stumble over.
        raise DataError(
            f"{origin} cannot be read as an image: {error}",
            hint="replace the file, or remove it",
        ) from error
