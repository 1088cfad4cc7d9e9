"""Axes and labels of figures."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.metrics import Direction
from autoae.views.plots.curves import curves_figure
from autoae.views.plots.focus import focus
from autoae.views.plots.front import front_figure
from autoae.views.plots.history import history_figure
from autoae.views.plots.knobs import knob, spread
from autoae.views.plots.parallel import parallel_figure
from autoae.views.plots.slices import slices_figure
from autoae.views.plots.theme import CLASSES, SERIES, STATES, axis_type, theme
from autoae.views.plots.words import axis_title, hover
from tests import studies
from tests.snapshots import study, trial

DIRECTIONS = st.sampled_from(["minimize", "maximize"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=30), DIRECTIONS)
def test_a_focus_keeps_the_best_and_leaves_out_only_the_worst(
    values: list[float], direction: Direction
) -> None:
    found = focus("val_loss", values, direction)
    if found is None:
        return
    worst_first = sorted(values, reverse=direction == "minimize")
    count = found.outside(values)
    assert 0 < count <= len(values) / 4 + 1
    assert all(not found.low <= value <= found.high for value in worst_first[:count])
    assert found.low <= worst_first[-1] <= found.high


def test_what_is_left_out_is_said() -> None:
    values = [0.1] * 2 + [0.9 + number / 100 for number in range(10)]
    figure = history_figure(study(trial(n, value) for n, value in enumerate(values)))
    assert figure.layout.yaxis.range[0] > 0.1
    assert figure.layout.annotations[0].text == "2 worse trials lie below"


def test_values_that_are_near_each_other_are_all_shown() -> None:
    assert focus("val_accuracy", [0.9 + n / 1000 for n in range(20)], "maximize") is None
    assert focus("val_accuracy", [0.1, 0.9], "maximize") is None
    assert focus("params", [1.0] * 20 + [1e9], "minimize") is None


@given(st.floats(1, 1e9), st.floats(1, 1e6))
@example(137_441.0, 1.0 + 1e-9)
def test_an_axis_of_counts_has_ticks_among_its_values(low: float, factor: float) -> None:
    axis = axis_type("params", [low, low * factor])
    assert axis["type"] == "log"
    assert 100 > len(axis["tickvals"]) == len(axis["ticktext"]) > 0
    assert len(set(axis["ticktext"])) == len(axis["ticktext"])
    if factor >= 2:
        assert any(low <= tick <= low * factor for tick in axis["tickvals"])


@pytest.mark.parametrize(
    ("domain", "value", "fraction"),
    [
        (FloatRange(1e-4, 1e-2, log=True), 1e-3, 0.5),
        (FloatRange(0.0, 2.0), 0.5, 0.25),
        (IntRange(1, 3), 3, 1.0),
        (Choices((True, False)), False, 1.0),
        (Choices((1, True)), True, 1.0),
        (Choices(("a", [1, 2])), "[1, 2]", 1.0),
        (Choices((16,)), 16, 0.5),
        (Choices((16, 32)), 64, None),
        (IntRange(1, 3), None, None),
    ],
)
def test_where_a_value_stands(domain: Domain, value: Value, fraction: float | None) -> None:
    found = knob("name", domain)
    where = found.fraction(value)
    assert where is None if fraction is None else where == pytest.approx(fraction)
    assert all(found.low <= position <= found.high for position, _ in found.ticks)


def test_points_of_one_value_are_spread_the_same_each_time() -> None:
    places = [spread(number) for number in range(100)]
    assert len(set(places)) == 100
    assert all(-0.5 <= place < 0.5 for place in places)


def test_every_axis_has_a_title() -> None:
    spec = studies.two_objectives()
    searched = studies.searched(spec)
    figures = [
        curves_figure(searched),
        front_figure(searched),
        front_figure(searched, "val_accuracy", "val_mse"),
        history_figure(searched, 1),
    ]
    for figure in figures:
        assert all(axis.title.text for axis in figure.select_xaxes())
        assert all(axis.title.text for axis in figure.select_yaxes())
    assert "parameters" in axis_title("params")
    assert axis_title("latency_ms") == "latency_ms (ms)"


def test_knobs_that_never_varied_are_left_out() -> None:
    spec = studies.spec()
    searched = studies.searched(spec)
    fixed = [
        replace(each, params={**each.params, "model.activation": "relu"})
        for each in searched.trials
    ]
    figure = slices_figure(replace(searched, trials=tuple(fixed)), spec.domains())
    titles = {axis.title.text for axis in figure.select_xaxes()}
    assert "training.lr" in titles
    assert "model.activation" not in titles


def test_parallel_lines_are_grouped_by_fifths_and_show_what_does_not_apply() -> None:
    spec = studies.spec()
    searched = studies.searched(spec)
    figure = parallel_figure(searched, spec.domains())
    lines = [sum(y is None for y in trace.y) for trace in figure.data]
    assert sum(lines) == len(searched.of_state("COMPLETE"))
    assert figure.data[-1].name == "the best fifth"
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert "does not apply" in texts


def test_highlights_have_colours_of_their_own_and_one_entry_in_the_legend() -> None:
    searched = studies.searched(studies.spec())
    numbers = [t.number for t in searched.of_state("COMPLETE")]
    figure = curves_figure(searched, {"one": numbers[:2], "other": numbers[2:3]})
    assert [trace.name for trace in figure.data if trace.showlegend] in (
        ["one", "other"],
        ["other", "one"],
    )
    colors = {trace.name: trace.line.color for trace in figure.data}
    assert (colors["one"], colors["other"]) == SERIES[:2]


def test_a_pointer_tells_the_network_as_text() -> None:
    evil = replace(trial(0, 0.5), notation="C(8) > L'(2)", reason="<img src=x>")
    text = hover(study([evil]), evil)
    assert "C(8) &gt; L'(2)" in text
    assert "<img" not in text


@pytest.mark.parametrize("color", [*CLASSES, *(color for color, _ in STATES.values())])
@pytest.mark.parametrize("ground", ["#ffffff", "#14181d"])
def test_colours_read_on_both_grounds(color: str, ground: str) -> None:
    """WCAG 2.2 asks for a contrast of 3:1 between graphics and what is behind them."""
    assert _contrast(color, ground) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_ink_reads_on_its_ground(dark: bool) -> None:
    layout, ground = theme(dark=dark)["layout"], "#14181d" if dark else "#ffffff"
    assert _contrast(layout["font"]["color"], ground) >= 7
    assert _contrast(layout["xaxis"]["tickfont"]["color"], ground) >= 4.5


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
