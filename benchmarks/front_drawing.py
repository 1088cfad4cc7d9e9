"""The picture of `front_pruning.py`: hypervolume against compute, a line a rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from autoae.views.plots.svg import Frame, axes, legend, line, picture, span, text
from autoae.views.plots.theme import GREY, SERIES

WIDTH, HEIGHT = 460, 320
_DASHES = ("", "7 4", "2 3")


@dataclass(frozen=True)
class Panel:
    """One data set.

    Attributes:
        title: Its name.
        lines: Of each rule the hypervolume by compute, (points,).
    """

    title: str
    lines: Mapping[str, NDArray[np.float64]]


def chart(panels: Sequence[Panel], compute: NDArray[np.float64]) -> bytes:
    """Panels side by side, as SVG."""
    looks = dict(zip(panels[0].lines, zip((GREY, *SERIES), cycle(_DASHES)), strict=False))
    parts = [legend(60, 24, [(name, *look) for name, look in looks.items()])]
    for number, panel in enumerate(panels):
        everything = np.concatenate(list(panel.lines.values()))
        left = 60.0 + number * (WIDTH + 60)
        frame = Frame(left, 76, WIDTH, HEIGHT, (0.0, 1.0), span(everything.tolist()))
        parts.append(text(left, 50, panel.title, size=14))
        parts.append(axes(frame, "training seconds / unpruned", "hypervolume / unpruned"))
        for name, values in panel.lines.items():
            points = zip(compute.tolist(), values.tolist(), strict=True)
            parts.append(line(frame, points, *looks[name]))
    return picture(60 + len(panels) * (WIDTH + 60), 76 + HEIGHT + 50, parts)
