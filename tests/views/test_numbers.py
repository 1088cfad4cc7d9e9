import pytest

from autoae.views.numbers import (
    clock,
    cost,
    figure,
    probability,
    roughly,
    short,
    size,
    span,
    whole,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (0.0, "0"), (0.9, "0.9000"), (0.98761, "0.9876"), (0.00012, "1.20e-04"),
        (123456.0, "1.23e+05"), (1234.0, "1234"), (-0.5, "-0.5000"),
    ],
)  # fmt: skip
def test_figures_have_four_digits_and_small_ones_an_exponent(
    value: float | None, text: str
) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (7, "7"), (999, "999"), (1000, "1.00k"), (137441, "137k"), (1.24e6, "1.24M"),
     (3e9, "3.00G")],
)  # fmt: skip
def test_short_counts_have_three_digits(value: float | None, text: str) -> None:
    assert short(value) == text


def test_times_and_sizes() -> None:
    assert [clock(s) for s in (None, 0, 59.6, 3725)] == ["–", "0:00:00", "0:01:00", "1:02:05"]
    assert [roughly(s) for s in (0.2, 40, 720, 12600)] == [
        "under a second", "40 s", "12 min", "3.5 h",
    ]  # fmt: skip
    assert [size(b) for b in (12, 1240, 1.5e9)] == ["12 B", "1.24 kB", "1.50 GB"]
    assert whole(137441) == "137,441"
    assert (cost("params", 137441), cost("latency_ms", 1.5)) == ("137k", "1.500")


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.95953, 0.97187, "0.960 to 0.972"),
        (-0.0282, 0.0319, "-0.028 to 0.032"),
        (-0.001, 0.32, "0.00 to 0.32"),
        (0.5, 0.5, "0.5000 to 0.5000"),
        (1.2e-5, 3.4e-4, "1.20e-05 to 3.40e-04"),
        (1200.0, 3400.0, "1200 to 3400"),
    ],
)
def test_an_interval_has_the_digits_that_its_width_is_worth(
    low: float, high: float, text: str
) -> None:
    assert span(low, high) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.04, "0.04"), (0.0496, "0.05"), (1e-5, "< 0.001"), (1.0, "1")],
)
def test_p_values_have_two_digits(value: float | None, text: str) -> None:
    assert probability(value) == text
