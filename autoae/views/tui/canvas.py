"""Plots of characters: braille dots for curves, single characters for marks.

Pure functions from numbers to text; widgets only say how large.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rich.style import Style
from rich.text import Text

from autoae.views.numbers import figure

Point = tuple[float, float]

_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a character, by row and column."""

_SMALLEST = (12, 4)
_LARGE = 300
"""Points that may be as large as a character without covering each other."""


@dataclass(frozen=True)
class Series:
    """Points that belong together.

    Attributes:
        points: In their order; those that are no numbers are left out.
        kind: `line` joins them, `steps` holds each value until the next one, `dots` does neither.
        color: A name of the theme, such as `primary`.
        mark: A character to put on every point, or empty for a braille dot.
        faint: Whether it stays in the background.
    """

    points: tuple[Point, ...]
    kind: Literal["line", "steps", "dots"] = "line"
    color: str = "primary"
    mark: str = ""
    faint: bool = False


def scatter(points: Sequence[Point], color: str = "primary", *, faint: bool = False) -> Series:
    """Single points, as large as their number allows."""
    mark = "•" if len(points) <= _LARGE else ""
    return Series(tuple(points), "dots", color, mark, faint)


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        name: What it shows.
        log: Whether equal factors are equal lengths.
        text: How its numbers are written.
        whole: Whether it counts.
    """

    name: str = ""
    log: bool = False
    text: Callable[[float], str] = figure
    whole: bool = False


@dataclass(frozen=True)
class Drawing:
    """A plot.

    Attributes:
        series: The later ones cover the earlier ones.
        x: The axis below.
        y: The axis on the left.
    """

    series: tuple[Series, ...] = ()
    x: Axis = Axis()
    y: Axis = Axis()


@dataclass(frozen=True)
class Scale:
    """From numbers to a share of an axis."""

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """From 0 at the low end to 1 at the high one."""
        low, high, at = (self._at(each) for each in (self.low, self.high, value))
        return (at - low) / (high - low)

    def value(self, share: float) -> float:
        """The number at a share."""
        low, high = self._at(self.low), self._at(self.high)
        at = low + share * (high - low)
        return math.exp(at) if self.log else at

    def _at(self, value: float) -> float:
        return math.log(value) if self.log else value


class Canvas:
    """Characters of four by two dots, each of one colour.

    Args:
        width: In characters.
        height: In characters.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [[0] * width for _ in range(height)]
        self._marks = [[""] * width for _ in range(height)]
        self._styles: list[list[Style | None]] = [[None] * width for _ in range(height)]

    def dot(self, x: float, y: float, style: Style) -> None:
        """Set the dot at shares of width and height, from the lower left."""
        column, row = self._place(x, y)
        self._bits[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
        self._styles[row // 4][column // 2] = style

    def mark(self, x: float, y: float, character: str, style: Style) -> None:
        """Put a character at shares of width and height."""
        column, row = self._place(x, y)
        self._marks[row // 4][column // 2] = character
        self._styles[row // 4][column // 2] = style

    def line(self, start: Point, end: Point, style: Style) -> None:
        """Join two places by dots."""
        (left, top), (right, bottom) = self._place(*start), self._place(*end)
        steps = max(abs(right - left), abs(bottom - top), 1)
        for step in range(steps + 1):
            part = step / steps
            column = round(left + part * (right - left))
            row = round(top + part * (bottom - top))
            self._bits[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
            self._styles[row // 4][column // 2] = style

    def lines(self) -> Iterator[Text]:
        """The rows, from above."""
        for bits, marks, styles in zip(self._bits, self._marks, self._styles, strict=True):
            text = Text(no_wrap=True)
            for bit, mark, style in zip(bits, marks, styles, strict=True):
                text.append(mark or (chr(_BRAILLE + bit) if bit else " "), style)
            yield text

    def _place(self, x: float, y: float) -> tuple[int, int]:
        columns, rows = 2 * self.width - 1, 4 * self.height - 1
        return round(_held(x) * columns), round((1 - _held(y)) * rows)


def plot(
    drawing: Drawing, width: int, height: int, style: Callable[[str, bool], Style] | None = None
) -> Text:
    """A drawing as lines of text.

    Args:
        drawing: What to draw.
        width: Of the text, in characters.
        height: In lines, at least one.
        style: From the name of a colour, and whether it is faint.
    """
    styled = style or (lambda _color, _faint: Style())
    points = [point for series in drawing.series for point in _known(series.points, drawing)]
    if width < _SMALLEST[0] or height < _SMALLEST[1]:
        return Text("too small to draw", style="dim")
    if not points:
        return Text("nothing to draw yet", style="dim")
    x = _scale([point[0] for point in points], drawing.x)
    y = _scale([point[1] for point in points], drawing.y)
    labels = _labels(y, drawing.y, height - 2)
    margin = max(len(label) for label in labels.values())
    canvas = Canvas(width - margin - 1, height - 2)
    for series in drawing.series:
        _draw(canvas, series, drawing, (x, y), styled(series.color, series.faint))
    return Text("\n").join(_framed(canvas, labels, margin, drawing, x))


def _draw(
    canvas: Canvas, series: Series, drawing: Drawing, scales: tuple[Scale, Scale], style: Style
) -> None:
    x, y = scales
    places = [(x.share(a), y.share(b)) for a, b in _known(series.points, drawing)]
    if series.kind != "dots":
        for start, end in pairwise(places):
            corner = (end[0], start[1]) if series.kind == "steps" else start
            canvas.line(start, corner, style)
            canvas.line(corner, end, style)
    for place in places:
        if series.mark or len(places) == 1:
            canvas.mark(*place, series.mark or "•", style)
        else:
            canvas.dot(*place, style)


def _framed(
    canvas: Canvas, labels: dict[int, str], margin: int, drawing: Drawing, x: Scale
) -> Iterator[Text]:
    for row, line in enumerate(canvas.lines()):
        label = labels.get(row, "").rjust(margin)
        yield Text.assemble((label, "dim"), ("┤" if row in labels else "│", "dim"), line)
    yield Text(" " * margin + "└" + "─" * canvas.width, style="dim")
    yield Text(" " * (margin + 1) + _below(x, drawing, canvas.width), style="dim")


def _labels(scale: Scale, axis: Axis, rows: int) -> dict[int, str]:
    """The numbers beside the axis, by row."""
    wanted = 3 if rows >= 7 else 2
    places = [round(step * (rows - 1) / (wanted - 1)) for step in range(wanted)]
    return {row: axis.text(_read(scale, 1 - row / max(rows - 1, 1), axis)) for row in places}


def _below(scale: Scale, drawing: Drawing, width: int) -> str:
    """The numbers under the axis, the name of it in between."""
    low, high = (drawing.x.text(_read(scale, share, drawing.x)) for share in (0.0, 1.0))
    name = drawing.x.name
    if len(low) + len(high) + len(name) + 2 > width:
        name = ""
    return low + name.center(max(width - len(low) - len(high), 1)) + high


def _read(scale: Scale, share: float, axis: Axis) -> float:
    value = scale.value(share)
    return round(value) if axis.whole else value


def _scale(values: Sequence[float], axis: Axis) -> Scale:
    low, high = min(values), max(values)
    if low == high:
        room = abs(low) * 0.1 or 1.0
        low, high = (low / 1.1, high * 1.1) if axis.log else (low - room, high + room)
    return Scale(low, high, axis.log)


def _known(points: Iterable[Point], drawing: Drawing) -> list[Point]:
    return [
        (x, y)
        for x, y in points
        if math.isfinite(x)
        and math.isfinite(y)
        and not (drawing.x.log and x <= 0)
        and not (drawing.y.log and y <= 0)
    ]


def _held(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def bar(share: float, width: int) -> str:
    """A bar of eighths of a character.

    Args:
        share: From 0 to 1.
        width: Of the whole, in characters.
    """
    eighths = round(_held(share) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]).ljust(width)
