"""Pruning on a front, against its definition."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autoae.search.front_pruner import (
    Contender,
    falls_behind,
    front_indices,
    peers,
)

vectors = st.integers(1, 3).flatmap(
    lambda objectives: arrays(
        float,
        st.tuples(st.integers(1, 30), st.just(objectives)),
        elements=st.integers(0, 6).map(float),
    )
)
numbers = st.integers(1, 64).map(float)


contenders = st.lists(
    st.builds(Contender, st.tuples(numbers), st.tuples(numbers)), min_size=1, max_size=30
)


def at(cost: float, value: float) -> Contender:
    return Contender((cost,), (value,))


def dominates(first: np.ndarray, second: np.ndarray) -> bool:
    return bool((first <= second).all() and (first < second).any())


@given(vectors)
def test_each_front_is_what_the_better_ones_leave(points: np.ndarray) -> None:
    fronts = front_indices(points.tolist())
    for place, point in enumerate(points):
        beaten_by = [fronts[i] for i, other in enumerate(points) if dominates(other, point)]
        assert fronts[place] == (max(beaten_by) + 1 if beaten_by else 0)


def test_what_is_no_number_is_worst() -> None:
    assert front_indices([[float("nan"), 1.0], [1.0, 1.0]]).tolist() == [1, 0]
    assert front_indices([[float("nan")], [1.0]]).tolist() == [1, 0]


def _behind(own: Contender, others: list[Contender]) -> tuple[float, float]:
    """The shares of all trials and of its peers that are ahead of one, itself counted."""
    points = np.array([[*each.costs, *each.values] for each in (own, *others)])
    fronts, near = front_indices(points.tolist()), peers(own, others)
    better = sum(peer.values[0] < own.values[0] for peer in near)
    return float(np.mean(fronts < fronts[0])), better / (len(near) + 1)


@given(contenders)
def test_a_quarter_of_all_or_three_quarters_of_its_peers_end_a_trial(
    trials: list[Contender],
) -> None:
    own, *others = trials
    if len(others) >= 3:
        of_all, of_peers = _behind(own, others)
        # One value is one front: whoever has the better one stands before.
        enough = len(peers(own, others)) >= 3
        assert falls_behind(own, others) == (of_all >= 1 / 4 or (enough and of_peers >= 3 / 4))


@given(contenders)
def test_no_much_larger_network_ends_a_small_one(trials: list[Contender]) -> None:
    assert not falls_behind(Contender((0.24,), (99.0,)), trials)


@given(contenders, st.randoms(use_true_random=False))
def test_neither_units_nor_the_order_of_the_trials_matter(
    trials: list[Contender], random: Random
) -> None:
    # By a power of two, so that nothing is rounded.
    scaled = [Contender(t.costs, (8 * t.values[0],)) for t in trials]
    own, *others = scaled
    random.shuffle(others)
    assert falls_behind(own, others) == falls_behind(trials[0], trials[1:])


LARGE = [at(1000.0 + number, 1.0 + number / 100) for number in range(32)]
SMALL = [at(10.0 + number, 6.0 + number) for number in range(8)]


def test_a_small_network_is_not_ended_for_losing_to_large_ones() -> None:
    own = at(9.0, 5.5)
    everyone = [Contender((), each.values) for each in (*LARGE, *SMALL)]
    assert falls_behind(Contender((), own.values), everyone)
    assert not falls_behind(own, [*LARGE, *SMALL])


def test_a_network_is_ended_for_losing_to_its_like() -> None:
    assert not falls_behind(at(1010.0, 0.9), [*LARGE, *SMALL])
    assert falls_behind(at(1010.0, 5.0), [*LARGE, *SMALL])
    # The cheapest of all stands in front 0, but all its peers are better.
    assert falls_behind(at(9.0, 99.0), [*LARGE, *SMALL])


def test_nothing_is_concluded_from_few() -> None:
    three = [at(1.0, 1.0), at(1.0, 2.0), at(1.0, 3.0)]
    assert not falls_behind(at(1.0, 9.0), three[:2])
    assert falls_behind(at(1.0, 9.0), three)


def test_peers_are_the_nearest_by_magnitude_and_none_is_far() -> None:
    others = [at(2.0 ** (power / 8), 1.0) for power in range(64)]
    found = sorted(each.costs[0] for each in peers(at(2.0**2.55, 1.0), others))
    assert found == [2.0 ** (power / 8) for power in range(13, 29)]
    assert len(peers(at(1.0, 1.0), others[:20])) == 8
    far = [at(1.0, 1.0), at(3.9, 1.0), at(4.1, 1.0), at(0.24, 1.0)]
    assert peers(at(1.0, 1.0), far) == far[:2]


def test_without_costs_all_are_peers() -> None:
    others = [Contender((), (float(number),)) for number in range(40)]
    assert peers(Contender((), (9.0,)), others) == others
