"""The parts of the analysis that have an answer of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from autoae.analysis.effects.corrections import holm
from autoae.analysis.effects.differences import mean_of
from autoae.analysis.effects.estimates import Estimate, detectable, draws_needed
from autoae.analysis.effects.kernels import shape_of
from autoae.analysis.effects.knobs import knob_of
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange

DOMAINS: tuple[Domain, ...] = (
    FloatRange(1e-4, 1e-1, log=True),
    FloatRange(0.0, 1.0),
    FloatRange(0.0, 1.0, step=0.1),
    IntRange(1, 3),
    IntRange(1, 10),
    IntRange(4, 64, log=True),
    IntRange(1, 1000),
    IntRange(8, 128, step=8),
    Choices(("a", "b", "c")),
    Choices((True, False)),
    Choices(([16, 32], [8])),
)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_between_the_p_value_and_bonferroni(p_values: list[float]) -> None:
    for raw, adjusted in zip(p_values, holm(p_values), strict=True):
        assert raw <= adjusted <= min(1, raw * len(p_values))


@given(st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=9))
def test_p_values_are_those_of_students_test(values: list[float]) -> None:
    if len(set(values)) > 1:
        estimate = mean_of(np.array(values), scale=50.0)
        assert estimate.p == pytest.approx(ttest_1samp(values, 0).pvalue)


def test_a_mean_of_rounding_errors_is_no_effect() -> None:
    values = np.array([1 / 3, 0.7, 0.1]) - np.array([0.7, 0.1, 1 / 3])
    assert values.mean() != 0
    assert mean_of(values, scale=1.0).value == 0


def test_what_is_detectable_is_found_in_four_of_five_repetitions() -> None:
    generator = np.random.default_rng(0)
    smallest = detectable(Estimate(0.0, 1 / 8**0.5, 7), comparisons=1)
    assert smallest is not None
    draws = generator.normal(smallest, 1, (20_000, 8))
    assert np.mean(ttest_1samp(draws, 0, axis=1).pvalue <= 0.05) == pytest.approx(0.8, abs=0.02)


def test_half_a_standard_deviation_takes_34_pairs() -> None:
    """As tabulated for the one-sample t test at 80 % power (Cohen, 1988)."""
    assert draws_needed(0.5, 1.0, 1) == 34


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
def test_levels_cover_the_space_and_effects_average_over_it(domain: Domain) -> None:
    knob = knob_of("knob", domain)
    shape = shape_of(knob)
    assert knob.weights.sum() == pytest.approx(1)
    assert sorted(set(knob.level_of.tolist())) == list(range(len(knob.levels)))
    assert knob.weights @ shape.fixed == pytest.approx(np.zeros(shape.fixed.shape[1]))
    for covariance in (shape.smooth, shape.joint):
        assert knob.weights @ covariance == pytest.approx(np.zeros(len(knob.weights)), abs=1e-9)
        assert np.linalg.eigvalsh(covariance).min() > -1e-9
    assert shape.contrasts.sum(axis=0) == pytest.approx(np.zeros(len(knob.levels) - 1))


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
def test_every_value_has_a_cell(domain: Domain) -> None:
    knob = knob_of("knob", domain)
    for value in domain.ends:
        assert 0 <= knob.cell_of(value) < len(knob.weights)
    assert knob.cell_of("no such value") == -1


def test_levels_are_shown_as_people_write_them() -> None:
    assert knob_of("lr", DOMAINS[0]).levels == ("0.0001 to 0.001", "0.001 to 0.01", "0.01 to 0.1")
    assert knob_of("depth", IntRange(1, 3)).levels == ("1", "2", "3")
    assert knob_of("depth", IntRange(1, 5)).levels == ("1 to 2", "3", "4 to 5")
    assert knob_of("norm", Choices((True, False))).levels == ("true", "false")
    assert knob_of("width", Choices(([16, 32], [8]))).levels == ("[16, 32]", "[8]")
