"""Pictures of `growth.py`: what grows on a logarithmic axis, and what it costs on a plain one."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path

from autoae.views.plots.svg import Frame, axes, dots, legend, line, picture, span
from autoae.views.plots.theme import SERIES

WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 260, 60, 76, 70
_DASHES = ("", "7 4", "2 3")

Points = Mapping[int, float]
"""What was measured, by the size at which it was."""


@dataclass(frozen=True)
class Chart:
    """One panel.

    Attributes:
        x: What grows.
        y: What was measured.
        lines: Points by their name; nameless where there is but one line.
    """

    x: str
    y: str
    lines: Mapping[str, Points]


def write(file: Path, *charts: Chart) -> None:
    """Draw panels side by side into a file, as SVG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = [_panel(each, LEFT + place * (WIDTH + GAP)) for place, each in enumerate(charts)]
    width = LEFT + len(charts) * (WIDTH + GAP)
    file.write_bytes(picture(width, TOP + HEIGHT + 50, parts))


def _panel(panel: Chart, left: float) -> str:
    sizes = sorted({size for points in panel.lines.values() for size in points})
    heights = [0.0, *(value for points in panel.lines.values() for value in points.values())]
    xs, ys = span([log(size) for size in sizes]), (0.0, span(heights)[1])
    frame = Frame(left, TOP, WIDTH, HEIGHT, xs, ys)
    labels = {log(size): f"{size:,}" for size in sizes}
    parts = [axes(frame, panel.x, panel.y, labels)]
    looks = dict(zip(panel.lines, zip(SERIES, _DASHES, strict=False), strict=False))
    parts.append(legend(left, 24, [(name, *look) for name, look in looks.items() if name]))
    for name, points in panel.lines.items():
        color, dash = looks[name]
        places = [(log(size), value) for size, value in points.items()]
        parts += [line(frame, places, color, dash), dots(frame, places, color)]
    return "".join(parts)
