"""Grids and lists: every planned trial once."""

from itertools import product

import pytest

from autoae.search.errors import SearchError
from autoae.search.plans import Plan, enumerated, grid, plan_for
from autoae.search.stacking import shape_of
from autoae.spec.domains import Choices, Domain, Value
from tests.search.support import TINY, tiny

GRID = TINY.replace("{min: 1e-3, max: 1e-1, log: true}", "{min: 0.1, max: 0.3, step: 0.1}")
SEARCH = "search: {method: grid}\n"


def every(plan: Plan) -> list[dict[str, Value]]:
    """All that a plan gives."""
    return list(iter(plan.next, None))


def test_a_grid_holds_every_combination_that_applies_once() -> None:
    plan = plan_for(tiny(SEARCH, text=GRID))
    assert plan is not None
    found = every(plan)
    shallow = set(product([1], [8, 16], [None], range(2, 9), [0.1, 0.2, 0.3]))
    deep = set(product([2], [8, 16], [8, 16], range(2, 9), [0.1, 0.2, 0.3]))
    keys = ("depth", "width.1", "width.2")
    points = [
        (
            *(params.get(f"model.encoder.{key}") for key in keys),
            params["model.latent"],
            round(float(str(params["training.lr"])), 9),
        )
        for params in found
    ]
    assert len(points) == len(set(points))
    assert set(points) == shallow | deep


def test_a_grid_is_shuffled_by_the_seed() -> None:
    orders = [list(grid(tiny(f"search: {{method: grid, seed: {s}}}\n", text=GRID))) for s in (0, 1)]
    assert orders[0] == list(grid(tiny(SEARCH, text=GRID)))
    assert orders[0] != orders[1]


def test_what_the_study_has_is_not_planned_again() -> None:
    spec = tiny(SEARCH, text=GRID)
    first = plan_for(spec)
    assert first is not None
    found = every(first)
    rest = plan_for(spec)
    assert rest is not None
    assert [rest.next(found[:50]), rest.next(found[51:53])] == [found[50], found[53]]
    assert every(rest) == found[54:]


def test_a_grid_beyond_any_budget_is_refused() -> None:
    text = GRID.replace("epochs: 2", "epochs: 2, seed: {min: 0, max: 1000000}")
    with pytest.raises(SearchError, match="combinations"):
        plan_for(tiny(SEARCH, text=text))


def test_lists_and_mappings_are_kept_as_text() -> None:
    text = GRID.replace("limit: 200", "limit: 200, augment: {values: [[], [flip]]}")
    spec = tiny(SEARCH, text=text)
    assert {params["data.augment"] for params in grid(spec)} == {"[]", '["flip"]'}


def test_a_list_begins_with_every_variant() -> None:
    spec = tiny(
        text="model: {encoder: L(8)}\nsearch: {method: list, seeds: 2}\n"
        "variants: {a: {model.latent: 2}, b: {model.latent: 3}}\n"
    )
    found = [(params["variant"], params["seed"]) for params in enumerated(spec)]
    assert found == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    plan = plan_for(spec)
    assert plan is not None
    assert plan.next([{"variant": "a", "seed": 0}]) == {"variant": "b", "seed": 0}
    assert len(every(plan)) == 2


def test_trials_of_a_shape_have_their_turn_before_others_and_none_comes_twice() -> None:
    spec = tiny(
        text="model: {encoder: L(8)}\nsearch: {method: list, seeds: 3}\n"
        "variants: {a: {model.latent: 2}, b: {model.latent: 3}, c: {training.lr: 0.1}}\n"
    )
    plan = plan_for(spec)
    assert plan is not None
    first = plan.next([{"variant": "a", "seed": 1}])
    assert first == {"variant": "a", "seed": 0}
    shape = shape_of(spec, first)
    assert shape is not None
    assert plan.next_of(shape) == {"variant": "a", "seed": 2}
    assert plan.next_of(shape) is None
    # One that was looked at and passed over is taken by another coordinator meanwhile.
    assert plan.next_of(shape, [{"variant": "b", "seed": 0}]) is None
    rest = [("c", 0), ("b", 1), ("c", 1), ("b", 2), ("c", 2)]
    assert [(each["variant"], each["seed"]) for each in every(plan)] == rest


def test_a_sampler_has_no_plan() -> None:
    assert plan_for(tiny()) is None


def test_every_point_of_a_grid_lies_in_its_domains() -> None:
    spec = tiny(SEARCH, text=GRID)
    domains = spec.domains()
    for params in grid(spec):
        assert all(_holds(domains[key], value) for key, value in params.items())


def _holds(domain: Domain, value: Value) -> bool:
    if isinstance(domain, Choices):
        return value in domain.labels
    return isinstance(value, int | float) and domain.low <= value <= domain.high + 1e-9
