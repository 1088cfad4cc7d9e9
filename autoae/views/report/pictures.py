"""Rows of small pictures as PNG, made with Pillow."""

import io
from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from autoae.views.report.blocks import Pictures

CELL = 72
"""Pixels of the longer side of a picture; small ones grow by whole factors, unsmoothed."""

_GAP = 4
_LABEL = 200
"""Pixels that labels have at least."""
_INK = (36, 41, 47)
_NAME = 11
"""Height of the letters below a picture, in pixels."""

_GREY = (118, 128, 138)
"""Ink that can be read on a light page and on a dark one."""


def strip(images: NDArray[np.uint8]) -> bytes:
    """Pictures side by side, with clear gaps.

    Args:
        images: uint8, (pictures, channels, height, width), grey or RGB.

    Returns:
        The bytes of a PNG file.
    """
    cells = [_cell(image) for image in images]
    width = sum(cell.width for cell in cells) + _GAP * (len(cells) - 1)
    whole = Image.new("RGBA", (width, max(cell.height for cell in cells)), (0, 0, 0, 0))
    left = 0
    for cell in cells:
        whole.paste(cell, (left, 0))
        left += cell.width + _GAP
    return _png(whole)


def named_strip(images: NDArray[np.uint8], names: Sequence[str]) -> bytes:
    """Pictures side by side, each with its name below.

    Args:
        images: uint8, (pictures, channels, height, width), grey or RGB.
        names: One for each.

    Returns:
        The bytes of a PNG file.
    """
    cells, font = [_cell(image) for image in images], ImageFont.load_default(_NAME)
    widths = [*(cell.width for cell in cells), *(ceil(font.getlength(name)) for name in names)]
    column, below = max(widths) + _GAP, max(cell.height for cell in cells)
    whole = Image.new("RGBA", (column * len(cells), below + 2 * _NAME), (0, 0, 0, 0))
    pen = ImageDraw.Draw(whole)
    for place, (cell, name) in enumerate(zip(cells, names, strict=True)):
        whole.paste(cell, (place * column + (column - cell.width) // 2, 0))
        pen.text(((place + 0.5) * column, below + _NAME), name, _GREY, font, anchor="mm")
    return _png(whole)


def sheet(pictures: Pictures) -> bytes:
    """All rows with their labels on white, for a paper."""
    rows = [Image.open(io.BytesIO(each.png)) for each in pictures.strips]
    labels = [each.label + (f"\n{each.note}" if each.note else "") for each in pictures.strips]
    font = ImageFont.load_default(14)
    left = max(_LABEL, *(_width(label, font) + 4 * _GAP for label in labels))
    size = (left + max(row.width for row in rows), sum(row.height + _GAP for row in rows) - _GAP)
    whole = Image.new("RGB", size, "white")
    pen, top = ImageDraw.Draw(whole), 0
    for row, label in zip(rows, labels, strict=True):
        pen.multiline_text((0, top + row.height / 2), label, _INK, font, anchor="lm")
        whole.paste(row, (left, top), row)
        top += row.height + _GAP
    return _png(whole)


def _width(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    """Pixels of the longest line."""
    return ceil(max(font.getlength(line) for line in text.split("\n")))


def _cell(image: NDArray[np.uint8]) -> Image.Image:
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    picture = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGBA")
    factor = max(1, CELL // max(picture.size))
    small = picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )
    small.thumbnail((2 * CELL, 2 * CELL))
    return small


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
