from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.cli.survey import combinations, draw, survey
from autoae.spec.config import DataOptions
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange
from autoae.spec.errors import Unbuildable
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec

SMALL = """
model:
  encoder: {kind: conv, depth: {min: 1, max: 6}, width: {values: [4, 8]}}
  latent: 4
  task: classify
"""
LIST = """
model: {encoder: "C(4)", latent: 4, task: classify}
search: {method: list, seeds: 3}
variants: {one: {model.latent: 2}, other: {model.latent: 8}}
"""
ABLATION = """
model: {encoder: "C(4)", latent: {values: [4, 2, 8]}, task: classify,
        batch_norm: {values: [false, true]}}
search: {method: ablation, seeds: 2}
"""


def _images(_: DataOptions) -> tuple[tuple[int, int, int], int]:
    return (1, 8, 8), 10


def _spec(text: str) -> StudySpec:
    return study_from_text(text, name="small", source="small.yaml")


def test_the_same_sample_is_drawn_every_time() -> None:
    first, second = (survey(_spec(SMALL), _images) for _ in range(2))
    assert first.candidates == second.candidates
    assert 0 < len(first.candidates) < first.tried


def test_reasons_are_counted_the_most_frequent_first() -> None:
    found = survey(_spec(SMALL), _images)
    counts = [count for _, count in found.refusals]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) + len(found.candidates) == found.tried
    assert "below one pixel" in str(found.refusals[0][0])


@pytest.mark.parametrize(("text", "count"), [(LIST, 6), (ABLATION, 8)])
def test_every_run_of_a_list_or_an_ablation_is_planned(text: str, count: int) -> None:
    spec = _spec(text)
    found = survey(spec, _images)
    assert (combinations(spec), found.tried, len(found.candidates)) == (count, count, count)


def test_depths_are_counted_with_the_widths_that_they_have() -> None:
    assert combinations(_spec(SMALL)) == 2 + 4 + 8 + 16 + 32 + 64


def test_where_nothing_can_be_built_the_reason_has_its_place() -> None:
    deep = SMALL.replace("{min: 1, max: 6}", "{min: 5, max: 6}")
    with pytest.raises(Unbuildable, match="none of 200 combinations") as refusal:
        survey(_spec(deep), _images)
    assert refusal.value.place.startswith("small.yaml:3")


floats = st.floats(1e-3, 1e3)
ints = st.integers(1, 500)


@st.composite
def domains(pick: st.DrawFn) -> Domain:
    log = pick(st.booleans())
    if pick(st.booleans()):
        low, high = sorted((pick(ints), pick(ints)))
        return IntRange(low, high, log, 1 if log else pick(st.integers(1, 7)))
    low_float, high_float = sorted((pick(floats), pick(floats)))
    step = None if log or pick(st.booleans()) else pick(st.floats(0.5, 3))
    return FloatRange(low_float, high_float, log, step)


@given(domains(), st.integers(0, 9))
def test_what_is_drawn_lies_within_its_range(domain: Domain, seed: int) -> None:
    assert not isinstance(domain, Choices)
    value = draw(domain, Random(seed))
    assert isinstance(value, int | float)
    assert domain.low <= value <= domain.high
    if isinstance(domain, IntRange):
        assert (value - domain.low) % domain.step == 0


@given(st.lists(st.integers(), min_size=1, unique=True), st.integers(0, 9))
def test_what_is_drawn_is_one_of_the_values(values: Sequence[int], seed: int) -> None:
    assert draw(Choices(tuple(values)), Random(seed)) in values
