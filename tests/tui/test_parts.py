"""The parts of the monitor that are no screen: plots of characters, threads, pictures, keys."""

import subprocess
import sys
from collections import Counter
from functools import partial
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from textual.message import Message

from autoae.views.tui.background import Background, Finished, Job
from autoae.views.tui.canvas import Axis, Drawing, Series, bar, plot, scatter
from autoae.views.tui.keys import KEYS
from autoae.views.tui.pictures import graphics, half_blocks, sheet

_NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32)
_POINTS = st.lists(st.tuples(_NUMBERS, _NUMBERS), max_size=30)


@given(_POINTS, st.integers(1, 120), st.integers(1, 40), st.booleans(), st.booleans())
def test_a_plot_is_as_large_as_it_shall_be_whatever_the_numbers(
    points: list[tuple[float, float]], width: int, height: int, log_x: bool, log_y: bool
) -> None:
    series = (Series(tuple(points)), Series(tuple(points), "steps", mark="●"), scatter(points))
    lines = plot(Drawing(series, Axis("x", log_x), Axis("y", log_y)), width, height).split()
    assert len(lines) <= height or height < 4
    if width >= 30:
        assert all(line.cell_len <= width for line in lines)


def test_a_rising_line_rises_and_its_ends_are_written() -> None:
    points = tuple((float(x), float(x)) for x in range(1, 11))
    text = plot(Drawing((Series(points),), Axis("epoch", whole=True)), 40, 12).plain
    *rows, frame, below = text.splitlines()
    columns = [row.find(next((c for c in row[7:] if c != " "), "?")) for row in rows]
    assert columns == sorted(columns, reverse=True)
    assert rows[0].startswith("10.00")
    assert rows[-1].startswith("1.000")
    assert frame.strip().startswith("└")
    assert below.split() == ["1.000", "epoch", "10.00"]


def test_nothing_to_draw_is_said() -> None:
    assert "nothing to draw" in plot(Drawing(), 40, 10).plain
    assert "nothing to draw" in plot(Drawing((Series(((1.0, float("nan")),)),)), 40, 10).plain
    assert "too small" in plot(Drawing((Series(((1.0, 1.0),)),)), 8, 2).plain
    assert "•" in plot(Drawing((Series(((1.0, 1.0),)),)), 40, 10).plain


@given(st.floats(-1, 2), st.integers(1, 40))
def test_a_bar_is_as_wide_as_it_shall_be(share: float, width: int) -> None:
    assert len(bar(share, width)) == width
    assert bar(1.0, width) == "█" * width
    assert not bar(0.0, width).strip()


class _Ear:
    """Takes the messages of a thread."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.event = Event()

    def post_message(self, message: Message) -> bool:
        self.heard.append(message)
        self.event.set()
        return True


def test_jobs_coalesce_to_the_newest_and_an_error_is_a_result() -> None:
    ear, started, gate, ran = _Ear(), Event(), Event(), Counter[int]()

    def slow() -> None:
        started.set()
        gate.wait(60)

    worker = Background("read", ear)
    worker.submit(Job("slow", slow))
    assert started.wait(60)
    for number in range(50):
        worker.submit(Job(number, partial(ran.update, [number])))
    last = Event()

    def fail() -> None:
        last.set()
        raise ValueError("locked")

    worker.submit(Job("fails", fail))
    gate.set()
    assert last.wait(60)
    while len(ear.heard) < 2:
        ear.event.clear()
        ear.event.wait(60)
    worker.end()
    assert not ran
    first, second = ear.heard
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert (first.topic, second.topic) == ("slow", "fails")
    assert isinstance(second.result, ValueError)
    assert Finished("read", 1, 0).can_replace(Finished("read", 1, 0))
    assert not Finished("read", 1, 0).can_replace(Finished("read", 2, 0))


def test_half_blocks_show_two_pixels_a_character() -> None:
    originals = np.zeros((3, 1, 8, 8), np.uint8)
    originals[0, 0, 0, 0] = 255
    text = half_blocks(originals, 255 - originals, 60)
    lines = text.split()
    assert len(lines) == 8
    assert all(line.plain.count("▀") == 24 for line in lines)
    style = text.get_style_at_offset(_console(), 0)
    assert style.color is not None
    assert style.bgcolor is not None
    assert style.color.triplet == (255, 255, 255)
    assert style.bgcolor.triplet == (0, 0, 0)


def test_images_that_do_not_fit_are_made_smaller_and_wrapped() -> None:
    originals = np.zeros((10, 3, 32, 32), np.uint8)
    text = half_blocks(originals, None, 40)
    assert max(line.cell_len for line in text.split()) <= 40
    assert text.plain.count("▀") == 10 * 8 * 4
    assert sheet(originals, originals).size == (10 * 32 * 4, 2 * 32 * 4)


@pytest.mark.parametrize("environment", [{}, {"TERM": "xterm"}, {"TERM": "kitty", "TMUX": "1"}])
def test_real_pixels_only_where_the_terminal_is_known_to_have_them(
    environment: dict[str, str],
) -> None:
    assert graphics(environment) is None


def test_no_key_means_two_things_in_one_place() -> None:
    around = ("everywhere", "study")
    for place in ("trials", "front", "slice"):
        keys = [k for key in KEYS if key.place in (*around, place) for k in key.keys.split(",")]
        assert not [key for key, count in Counter(keys).items() if count > 1 and key != "enter"]
    keys = [k for key in KEYS if key.place in ("everywhere", "trial") for k in key.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_the_monitor_loads_no_torch_no_optuna_and_no_database() -> None:
    code = """
import pkgutil, importlib, sys, autoae.views.tui
for module in pkgutil.walk_packages(autoae.views.tui.__path__, "autoae.views.tui."):
    importlib.import_module(module.name)
print({"torch", "torchvision", "optuna", "plotly", "sklearn"} & set(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def _console() -> Console:
    return Console()
