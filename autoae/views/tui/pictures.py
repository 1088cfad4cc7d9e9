"""Images in the terminal: half a character a pixel, or real pixels where the terminal has them."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from PIL.Image import Image
    from textual.widget import Widget

Pictures = NDArray[np.uint8]
MakeWidget = Callable[["Image"], "Widget"]

_HALF = "▀"
_GAP = 1
_LEAST = 8
_SCALE = 4
_LABEL = 15

_GRAPHICS = ("KITTY_WINDOW_ID", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR", "KONSOLE_VERSION")
_TERMINALS = ("kitty", "foot", "ghostty", "wezterm", "contour", "mlterm", "sixel")


def graphics(environment: Mapping[str, str] = os.environ) -> MakeWidget | None:
    """A widget for real pixels, where the terminal is known to have the Kitty or Sixel protocol.

    To be called before the app starts: it asks the terminal.

    Args:
        environment: Whose variables name the terminal.
    """
    named = any(environment.get(name) for name in _GRAPHICS)
    term = f"{environment.get('TERM', '')} {environment.get('TERM_PROGRAM', '')}".lower()
    # A multiplexer passes none of it on.
    if environment.get("TMUX") or not (named or any(word in term for word in _TERMINALS)):
        return None
    from textual_image.renderable import HalfcellImage, Image, UnicodeImage
    from textual_image.widget import Image as ImageWidget

    return None if Image in (HalfcellImage, UnicodeImage) else ImageWidget


def half_blocks(originals: Pictures, reconstructions: Pictures | None, width: int) -> Text:
    """Originals above reconstructions, two pixels a character.

    Args:
        originals: (K, C, H, W).
        reconstructions: The same shape, or None.
        width: Characters that there are.
    """
    side = min(originals.shape[-1], max(_LEAST, width // len(originals) - _GAP))
    fits = max(1, width // (side + _GAP))
    parts = [part for part in (originals, reconstructions) if part is not None]
    lines: list[Text] = []
    for start in range(0, len(originals), fits):
        for part in parts:
            lines += _row([_small(image, side) for image in part[start : start + fits]])
        lines.append(Text())
    return Text("\n").join(lines[:-1])


def sheet(originals: Pictures, reconstructions: Pictures | None) -> "Image":
    """Originals above reconstructions as one image, for terminals with real pixels."""
    from PIL import Image as Images

    rows = [
        np.concatenate([_rgb(image) for image in part], axis=1)
        for part in (originals, reconstructions)
        if part is not None
    ]
    whole = Images.fromarray(np.concatenate(rows, axis=0))
    return whole.resize((whole.width * _SCALE, whole.height * _SCALE), Images.Resampling.NEAREST)


def _row(images: list[Pictures]) -> list[Text]:
    height = images[0].shape[0]
    lines = []
    for top in range(0, height, 2):
        line = Text(no_wrap=True)
        for image in images:
            lower = image[min(top + 1, height - 1)]
            for above, below in zip(image[top], lower, strict=True):
                line.append(_HALF, Style(color=_color(above), bgcolor=_color(below)))
            line.append(" " * _GAP)
        lines.append(line)
    return lines


def _small(image: Pictures, side: int) -> Pictures:
    """(H, W, 3) of at most so many pixels on a side."""
    from PIL import Image as Images

    pixels = _rgb(image)
    if pixels.shape[1] <= side:
        return pixels
    height = max(2, round(pixels.shape[0] * side / pixels.shape[1]))
    smaller = Images.fromarray(pixels).resize((side, height), Images.Resampling.BOX)
    return np.asarray(smaller, dtype=np.uint8)


def _rgb(image: Pictures) -> Pictures:
    channels = image if image.shape[0] == 3 else np.repeat(image[:1], 3, axis=0)
    return np.ascontiguousarray(channels.transpose(1, 2, 0))


def _color(pixel: Pictures) -> Color:
    red, green, blue = (int(each) for each in pixel)
    return Color.from_rgb(red, green, blue)
