"""Small charts as SVG, for pictures that are drawn beside a run.

Plotly draws only in a browser; a picture of a trial has to be a file, drawn in milliseconds.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from autoae.views.numbers import figure
from autoae.views.plots.theme import FONT

INK, FAINT, GRID = "#24292f", "#59636e", "#e4e8ec"

_TICKS = 5
_CHARACTER = 6.2


@dataclass(frozen=True)
class Frame:
    """A rectangle of the picture, in pixels, and the part of the plane that it shows.

    Attributes:
        left: Of the rectangle.
        top: Of the rectangle.
        width: Of the rectangle.
        height: Of the rectangle.
        xs: The lowest and highest value along it.
        ys: The lowest and highest value up it.
    """

    left: float
    top: float
    width: float
    height: float
    xs: tuple[float, float]
    ys: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point is, in pixels."""
        across = (x - self.xs[0]) / (self.xs[1] - self.xs[0])
        up = (y - self.ys[0]) / (self.ys[1] - self.ys[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height


def picture(width: float, height: float, parts: Iterable[str]) -> bytes:
    """A whole file, on white, so that it reads on any ground."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
    head += f'width="{width:g}" height="{height:g}" font-family="{escape(FONT)}" font-size="12">'
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
    return "".join([head, ground, *parts, "</svg>"]).encode()


def text(  # noqa: PLR0913 - every one is an attribute of a text
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: float = 12,
    color: str = INK,
    more: str = "",
) -> str:
    """A line of text; `y` is its baseline."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"'
    return f'<text {place} fill="{color}"{more}>{escape(words)}</text>'


def line(frame: Frame, points: Iterable[tuple[float, float]], color: str, dash: str = "") -> str:
    """A line through points."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (frame.place(*point) for point in points))
    style = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2" '
        f'stroke-linejoin="round"{style}/>'
    )


def dots(frame: Frame, points: Iterable[tuple[float, float]], color: str) -> str:
    """A dot at every point."""
    places = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (frame.place(*point) for point in points))
    return (
        f'<path d="{places}" stroke="{color}" stroke-width="5" stroke-linecap="round" '
        'stroke-opacity="0.65"/>'
    )


def axes(
    frame: Frame, x_title: str, y_title: str, x_labels: Mapping[float, str] | None = None
) -> str:
    """Grid, ticks and titles; the title of the vertical axis stands above it.

    Args:
        frame: Whose.
        x_title: Of the horizontal axis.
        y_title: Of the vertical axis.
        x_labels: What stands along the horizontal axis, and where; round numbers unless given.
    """
    parts = [text(frame.left, frame.top - 10, y_title, size=13)]
    bottom, right = frame.top + frame.height, frame.left + frame.width
    for value in ticks(*frame.ys):
        _, y = frame.place(frame.xs[0], value)
        parts.append(_rule(frame.left, y, right, y))
        parts.append(text(frame.left - 6, y + 4, label(value), anchor="end", color=FAINT))
    for value, words in (x_labels or {each: label(each) for each in ticks(*frame.xs)}).items():
        x, _ = frame.place(value, frame.ys[0])
        parts.append(text(x, bottom + 16, words, anchor="middle", color=FAINT))
    middle = frame.left + frame.width / 2
    parts.append(text(middle, bottom + 34, x_title, anchor="middle", color=FAINT))
    return "".join(parts)


def legend(x: float, y: float, entries: Iterable[tuple[str, str, str]]) -> str:
    """Lines with their names, side by side: name, colour and dashes of each."""
    parts = []
    for name, color, dash in entries:
        style = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(
            f'<path d="M{x:.1f} {y - 4:.1f}h22" stroke="{color}" stroke-width="2"{style}/>'
        )
        parts.append(text(x + 28, y, name, color=FAINT))
        x += 28 + _CHARACTER * len(name) + 18
    return "".join(parts)


def span(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest value with a little room, also where all are the same."""
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or abs(high) * 0.1 or 1.0
    return low - room, high + room


def ticks(low: float, high: float) -> list[float]:
    """A few round numbers between two."""
    raw = (high - low) / _TICKS
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(digit * magnitude for digit in (1, 2, 5, 10) if digit * magnitude >= raw)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [step * count for count in range(first, last + 1)]


def label(value: float) -> str:
    """A tick without needless zeros."""
    words = figure(value)
    return words if "e" in words or "." not in words else words.rstrip("0").rstrip(".")


def _rule(x: float, y: float, right: float, bottom: float) -> str:
    ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{bottom:.1f}"'
    return f'<line {ends} stroke="{GRID}"/>'
