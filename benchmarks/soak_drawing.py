"""The picture of `soak.py`: memory, time and disk by the number of trials."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoae.views.plots.svg import Frame, axes, legend, line, picture, span
from autoae.views.plots.theme import GREY, SERIES

WIDTH, HEIGHT = 300, 240

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Sample:
    """What was seen at one moment.

    Attributes:
        trials: That have ended.
        seconds: Since the start.
        coordinator: Its memory in bytes.
        workers: The memory of each worker, in bytes.
        others: The memory of the coordinator's other processes, such as the one that draws.
        disk: Database and run folders, in bytes.
    """

    trials: int
    seconds: float
    coordinator: int
    workers: tuple[int, ...]
    others: int
    disk: int


def chart(samples: Sequence[Sample]) -> bytes:
    """Three panels side by side, as SVG."""
    memory = {
        "coordinator": [(each.trials, each.coordinator / 1e6) for each in samples],
        "workers together": [(each.trials, sum(each.workers) / 1e6) for each in samples],
        "drawing": [(each.trials, each.others / 1e6) for each in samples],
    }
    times = [
        (b.trials, 1000 * (b.seconds - a.seconds) / (b.trials - a.trials))
        for a, b in pairwise(samples)
    ]
    disk = [(each.trials, each.disk / 1e6) for each in samples]
    looks = [(name, color, "") for name, color in zip(memory, (GREY, *SERIES), strict=False)]
    parts = [legend(60, 24, looks)]
    parts += _panel(60, "memory, MB", zip(memory.values(), (GREY, *SERIES), strict=False))
    parts += _panel(80 + WIDTH + 40, "ms a trial", [(times, SERIES[0])])
    parts += _panel(100 + 2 * (WIDTH + 40), "database and run folders, MB", [(disk, SERIES[0])])
    return picture(140 + 3 * (WIDTH + 40), 76 + HEIGHT + 50, parts)


def _panel(left: float, title: str, lines: Iterable[tuple[Points, str]]) -> list[str]:
    drawn = [(points, color) for points, color in lines if points]
    xs = [x for points, _ in drawn for x, _ in points]
    ys = [y for points, _ in drawn for _, y in points]
    frame = Frame(left, 76, WIDTH, HEIGHT, span(xs), (0.0, span([0.0, *ys])[1]))
    return [axes(frame, "trials", title), *(line(frame, points, color) for points, color in drawn)]
