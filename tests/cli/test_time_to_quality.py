"""What the benchmark of searches makes of the times of their trials."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from quality_profile import shares, told
from time_to_quality import Model, Ratios, Search, reached
from ways import Answer, Life

FIRST = Life(0, 1.0, (3.0, 4.0), 5.0, value=0.6, worker=0, training=2.0)
PRUNED = Life(1, 0.0, (1.0,), 2.0, value=None, worker=1, training=1.0)
BETTER = Life(2, 2.0, (3.0, 4.0), 4.0, value=0.7, worker=1, training=2.0)
TOO_LATE = Life(3, 6.0, (9.0, 11.0), 11.0, value=0.9, worker=1, training=3.0)
ANSWER = Answer((PRUNED, BETTER, FIRST, TOO_LATE), 1.0, {2: 0.65, 3: 0.85})


def search(*best: tuple[float, float, float], seconds: float = 10.0) -> Search:
    return Search(seconds, tuple(Model(*each) for each in best), 0, 0, {})


def test_what_ends_when_time_is_over_does_not_count() -> None:
    found = Search.of(ANSWER, 10.0)
    assert found.best == (Model(4.0, 0.7, 0.65),)
    assert (found.complete, found.pruned, found.final) == (2, 1, 0.65)


def test_a_target_that_a_search_misses_is_looked_for_in_the_next_one() -> None:
    searches = (search((1.0, 0.7, 0.6)), search((2.0, 0.6, 0.9), (3.0, 0.8, 0.8)))
    assert reached(searches, 0.6) == 1.0
    # After two seconds of the next one the best model is still the one of the first.
    assert reached(searches, 0.8) == 13.0
    assert reached(searches, 0.95) == 20.0


def test_after_the_last_seed_comes_the_first_one() -> None:
    good, bad = search((2.0, 0.8, 0.8)), search((4.0, 0.7, 0.5))
    seeds = [{"autoae": good, "random": good}, {"autoae": bad, "random": good}]
    found = Ratios.of(seeds, "random", [0.8, 0.8])
    assert (found.ours, found.other) == ((2.0, 12.0), (2.0, 2.0))
    assert (found.late, found.other_late) == (1, 0)


def test_a_search_that_hands_over_nothing_counts_with_its_own_time() -> None:
    seed = {"autoae": search((1.0, 0.7, 0.6)), "plain": search()}
    found = Ratios.of([seed, seed], "plain", [seed["plain"].final] * 2)
    assert (found.ours, found.other) == ((1.0, 1.0), (10.0, 10.0))


def test_all_time_of_the_workers_is_told() -> None:
    found = shares(ANSWER.lives, 10.0)
    assert sum(found.values()) == pytest.approx((5.0 + 10.0) / 20)  # One idles from second 5 on.
    assert found["complete"] == pytest.approx(4.0 / 20)
    assert found["pruned"] == pytest.approx(1.0 / 20)
    assert found["unfinished"] == pytest.approx(4.0 / 20)
    assert found["starting"] == pytest.approx(1.0 / 20)
    assert found["asking"] == pytest.approx(2.0 / 20)
    assert "20% training of trials that ended complete" in told([found])
