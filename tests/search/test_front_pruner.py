"""Pruning on a front, against its definition."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autoae.search.front_pruner import (
    Contender,
    Vector,
    falls_behind,
    front_indices,
    hopeless,
    peers,
    share_ahead,
)

vectors = st.integers(1, 3).flatmap(
    lambda objectives: arrays(
        float,
        st.tuples(st.integers(1, 30), st.just(objectives)),
        elements=st.integers(0, 6).map(float),
    )
)
numbers = st.integers(1, 64).map(float)


@st.composite
def contenders(draw: st.DrawFn) -> list[Contender]:
    """Up to 30 trials with one cost and one value, some of them trained to the end."""
    finals = st.none() | st.tuples(numbers)
    one = st.builds(Contender, st.tuples(numbers), st.tuples(numbers), finals)
    return draw(st.lists(one, min_size=1, max_size=30))


def at(cost: float, value: float, final: float | None = None) -> Contender:
    return Contender((cost,), (value,), None if final is None else (final,))


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


@given(contenders())
def test_who_has_fewer_than_a_quarter_of_its_peers_ahead_goes_on(trials: list[Contender]) -> None:
    own, *others = trials
    if len(others) >= 3 and share_ahead(own, peers(own, others)) < 1 / 4:
        assert not falls_behind(own, others)


@given(contenders())
def test_who_has_three_quarters_of_its_peers_ahead_is_pruned(trials: list[Contender]) -> None:
    own, *others = trials
    if len(others) >= 3 and share_ahead(own, peers(own, others)) >= 3 / 4:
        assert falls_behind(own, others)


@given(contenders())
def test_between_the_two_the_front_decides(trials: list[Contender]) -> None:
    own, *others = trials
    if len(others) >= 3 and 1 / 4 <= share_ahead(own, peers(own, others)) < 3 / 4:
        assert falls_behind(own, others) == hopeless(own, others)


@given(contenders(), st.randoms(use_true_random=False))
def test_neither_units_nor_the_order_of_the_trials_matter(
    trials: list[Contender], random: Random
) -> None:
    own, *others = [_scaled(trial) for trial in trials]
    random.shuffle(others)
    assert falls_behind(own, others) == falls_behind(trials[0], trials[1:])


def _scaled(trial: Contender) -> Contender:
    # By powers of two, so that nothing is rounded.
    def by(factor: float, vector: Vector | None) -> list[float] | None:
        return None if vector is None else [factor * value for value in vector]

    return Contender(trial.costs, by(8.0, trial.values) or [], by(8.0, trial.final))


LARGE = [at(1000.0 + number, 1.0 + number / 100, 0.5) for number in range(32)]
SMALL = [at(10.0 + number, 6.0 + number, 5.0) for number in range(8)]


def test_a_small_network_is_not_ended_for_losing_to_large_ones() -> None:
    own = at(9.0, 5.5)
    everyone = [Contender((), each.values) for each in (*LARGE, *SMALL)]
    assert falls_behind(Contender((), own.values), everyone)
    assert not falls_behind(own, [*LARGE, *SMALL])


def test_a_large_network_is_ended_for_losing_to_large_ones() -> None:
    assert not falls_behind(at(1010.0, 0.9), [*LARGE, *SMALL])
    assert falls_behind(at(1010.0, 5.0), [*LARGE, *SMALL])


@pytest.mark.parametrize(
    ("cost", "value", "ended"),
    [
        (20.0, 8.0, False),  # 8 - 2 = 6 is better than any that costs no more has come to.
        (20.0, 10.0, True),  # 10 - 2 = 8 is what the one that costs 20 has come to.
        (19.0, 10.0, False),  # That one costs more.
        (50.0, 6.0, True),  # 6 - 2 = 4, and one that costs 40 has come to it.
    ],
)
def test_more_training_has_to_be_expected_to_pay(cost: float, value: float, ended: bool) -> None:
    """Four have ended, of which the median gained 2."""
    before = [at(20.0, 8.0, 8.0), at(30.0, 9.0, 7.0), at(40.0, 6.0, 4.0), at(60.0, 9.0, 3.0)]
    assert hopeless(at(cost, value), before) is ended


def test_nothing_is_concluded_from_few() -> None:
    three = [at(1.0, 1.0, 1.0), at(1.0, 2.0, 2.0), at(1.0, 3.0, 3.0)]
    assert not falls_behind(at(1.0, 9.0), three[:2])
    assert falls_behind(at(1.0, 9.0), three)
    assert not hopeless(at(1.0, 9.0), three)
    assert hopeless(at(1.0, 9.0), [*three, at(1.0, 4.0, 4.0)])


def test_peers_are_the_nearest_by_magnitude() -> None:
    others = [at(2.0**power, 1.0) for power in range(64)]
    found = sorted(each.costs[0] for each in peers(at(2.0**20.4, 1.0), others))
    assert found == [2.0**power for power in range(13, 29)]
    assert len(peers(at(1.0, 1.0), others[:20])) == 8


def test_without_costs_all_are_peers() -> None:
    others = [Contender((), (float(number),)) for number in range(40)]
    assert peers(Contender((), (9.0,)), others) == others
