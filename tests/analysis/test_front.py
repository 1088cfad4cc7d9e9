from hypothesis import given
from hypothesis import strategies as st

from autoae.analysis.best import best_trials
from autoae.analysis.front import front, non_dominated
from tests.snapshots import pruned, study, trial

coordinates = st.integers(0, 5).map(float)
points = st.lists(st.tuples(coordinates, coordinates, coordinates), max_size=25)


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


@given(points)
def test_a_point_is_on_the_front_exactly_if_no_other_beats_it(
    found: list[tuple[float, ...]],
) -> None:
    kept = non_dominated(found)
    assert kept == [
        index
        for index, point in enumerate(found)
        if not any(_beats(other, point) for other in found)
    ]


def test_the_front_of_accuracy_against_parameters_is_ordered_by_parameters() -> None:
    trials = [
        trial(0, 0.90, parameters=5000),
        trial(1, 0.80, parameters=1000),
        trial(2, 0.85, parameters=6000),
        trial(3, 0.70, parameters=1000),
        pruned(4),
    ]
    assert [each.number for each in front(study(trials))] == [1, 0]


def test_any_two_figures_make_a_front_and_a_missing_one_leaves_a_trial_out() -> None:
    trials = [trial(0, 0.9, 0.02), trial(1, 0.8, 0.01), trial(2, 0.9, 0.03), trial(3, 0.95)]
    two = study(trials, "val_accuracy", "val_mse")
    assert [each.number for each in front(two, "val_mse", "val_accuracy")] == [1, 0]
    assert front(study([trial(0, 0.9, parameters=None)])) == ()


def test_best_trials_follow_the_direction_of_the_objective() -> None:
    values = [0.3, 0.1, 0.2]
    trials = [trial(number, value) for number, value in enumerate(values)]
    assert [t.number for t in best_trials(study(trials, "val_mse"), 2)] == [1, 2]
    assert [t.number for t in best_trials(study(trials, "val_accuracy"), 9)] == [0, 2, 1]


def test_with_several_objectives_the_front_comes_first() -> None:
    trials = [trial(0, 0.5, 0.5), trial(1, 0.9, 0.3), trial(2, 0.8, 0.1), trial(3, 0.7, 0.2)]
    ranked = best_trials(study(trials, "val_accuracy", "val_mse"), 4)
    assert [each.number for each in ranked] == [1, 2, 3, 0]
