"""Pruning by non-dominated rank, against the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autoae.search.front_pruner import falls_behind, front_indices

vectors = st.integers(2, 3).flatmap(
    lambda objectives: arrays(
        float,
        st.tuples(st.integers(1, 30), st.just(objectives)),
        elements=st.integers(0, 6).map(float),
    )
)


def dominates(first: np.ndarray, second: np.ndarray) -> bool:
    return bool((first <= second).all() and (first < second).any())


@given(vectors)
def test_each_front_is_what_the_better_ones_leave(points: np.ndarray) -> None:
    fronts = front_indices(points.tolist())
    for place, point in enumerate(points):
        beaten_by = [fronts[i] for i, other in enumerate(points) if dominates(other, point)]
        assert fronts[place] == (max(beaten_by) + 1 if beaten_by else 0)


@given(vectors)
def test_a_trial_of_the_first_front_is_never_pruned(points: np.ndarray) -> None:
    fronts = front_indices(points.tolist())
    for place in np.flatnonzero(fronts == 0):
        others = np.delete(points, place, axis=0).tolist()
        assert not falls_behind(points[place].tolist(), others)


@given(vectors)
def test_who_goes_on_has_fewer_than_a_quarter_before_it(points: np.ndarray) -> None:
    fronts = front_indices(points.tolist())
    own, others = points[0].tolist(), points[1:].tolist()
    better = (fronts < fronts[0]).sum()
    expected = len(points) >= 4 and better >= max(1, len(points) // 4)
    assert falls_behind(own, others) == expected


def test_with_fewer_than_four_trials_every_one_goes_on() -> None:
    assert not falls_behind([9.0, 9.0], [[1.0, 1.0], [2.0, 2.0]])
    assert falls_behind([9.0, 9.0], [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])


def test_what_is_no_number_is_worst() -> None:
    assert front_indices([[float("nan"), 1.0], [1.0, 1.0]]).tolist() == [1, 0]
