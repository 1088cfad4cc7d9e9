"""What a model made of images, as files: PNG, NPZ, CSV, each whole or not there."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autoae.data.images import Bytes, Floats
from autoae.spec.files import replace_file

SMALLEST = 96
"""Pixels on the shorter side of a tile of the sheet, at least: small images are enlarged."""


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table.

    Raises:
        OSError: It cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    replace_file(path, text.getvalue().encode())


def write_npz(path: Path, **arrays: NDArray[np.generic]) -> None:
    """Write arrays by their names, compressed.

    Raises:
        OSError: The file cannot be written.
    """
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    replace_file(path, content.getvalue())


def write_png(path: Path, image: Bytes) -> None:
    """Write one image, (channels, height, width).

    Raises:
        OSError: It cannot be written.
    """
    pixels = image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0)
    content = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(content, format="PNG")
    replace_file(path, content.getvalue())


def as_bytes(images: Floats) -> Bytes:
    """0-1 images as 0-255; what lies beyond is clipped."""
    levels: Bytes = np.rint(images.clip(0, 1) * 255).astype(np.uint8)
    return levels


def sheet(originals: Bytes, reconstructions: Bytes) -> Bytes:
    """Originals above their reconstructions, side by side, small ones enlarged.

    Args:
        originals: (N, channels, height, width).
        reconstructions: The same shape.

    Returns:
        (channels, height, width) of the whole sheet.
    """
    factor = max(1, -(-SMALLEST // min(originals.shape[2:])))
    rows = [
        np.concatenate([_tile(image, factor) for image in images], axis=2)
        for images in (originals, reconstructions)
    ]
    return np.concatenate(rows, axis=1)


def _tile(image: Bytes, factor: int) -> Bytes:
    """An image enlarged by a whole number, with a white edge."""
    large = image.repeat(factor, axis=1).repeat(factor, axis=2)
    return np.pad(large, ((0, 0), (2, 2), (2, 2)), constant_values=255)
