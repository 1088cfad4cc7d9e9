"""Confirmation: ranked by the mean of new seeds, the smallest within one standard error named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from autoae.analysis.confirmation import confirmation, contenders, unused_seed
from autoae.spec.domains import Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.snapshots import study, trial


def seeded(
    candidates: Mapping[int, Sequence[float]], parameters: Mapping[int, float], metric: str
) -> StudySnapshot:
    trials: list[TrialSnapshot] = []
    for number, values in candidates.items():
        for seed, value in enumerate(values):
            params: dict[str, Value] = {"variant": f"trial-{number}", "seed": seed}
            made = trial(len(trials), value, params=params, parameters=parameters[number])
            trials.append(replace(made, variant=f"trial-{number}", seed=seed))
    return study(trials, metric)


SIZES = {1: 100.0, 2: 50.0, 3: 10.0}


def test_the_smallest_within_one_standard_error_is_named() -> None:
    # The best has mean 0.92 and standard error 0.01.
    values = {1: (0.91, 0.93), 2: (0.905, 0.925), 3: (0.90, 0.9099)}
    found = confirmation(seeded(values, SIZES, "val_accuracy"))
    assert found is not None
    assert [each.trial for each in found.candidates] == [1, 2, 3]
    assert found.margin == pytest.approx(0.01)
    assert found.smallest == 2
    found = confirmation(seeded({**values, 3: (0.90, 0.9201)}, SIZES, "val_accuracy"))
    assert found is not None
    assert found.smallest == 3


def test_a_metric_that_is_minimised_is_ranked_the_other_way() -> None:
    values = {1: (0.02, 0.04), 2: (0.029, 0.049), 3: (0.5, 0.6)}
    found = confirmation(seeded(values, SIZES, "val_mse"))
    assert found is not None
    assert [each.trial for each in found.candidates] == [1, 2, 3]
    assert found.smallest == 2


def test_the_interval_is_that_of_student() -> None:
    found = confirmation(seeded({1: (1.0, 2.0, 3.0)}, SIZES, "val_mse"))
    assert found is not None
    interval = found.candidates[0].mean.interval
    assert interval is not None
    # 4.302653 is the 97.5 % quantile with two degrees of freedom.
    assert interval.high == pytest.approx(2 + 4.302653 / 3**0.5)


def test_one_seed_has_no_error_to_be_within() -> None:
    found = confirmation(seeded({1: (0.9,), 3: (0.89,)}, SIZES, "val_accuracy"))
    assert found is not None
    assert (found.smallest, found.margin) == (1, None)


def test_what_is_not_complete_is_left_out_and_named() -> None:
    again = seeded({1: (0.9, 0.91), 2: (0.8, 0.81)}, SIZES, "val_accuracy")
    pruned = tuple(
        replace(each, state="FAIL", values=()) if each.variant == "trial-2" else each
        for each in again.trials
    )
    found = confirmation(replace(again, trials=pruned))
    assert found is not None
    assert [each.trial for each in found.candidates] == [1]
    assert found.lost == (2,)
    none = tuple(replace(each, state="WAITING", values=()) for each in again.trials)
    assert confirmation(replace(again, trials=none)) is None


def configured(number: int, value: float, lr: float, seed: int = 0) -> TrialSnapshot:
    made = trial(number, value)
    return replace(made, configuration={"training": {"lr": lr, "seed": seed}}, seed=seed)


def test_contenders_differ_in_more_than_their_seed() -> None:
    trials = [
        configured(0, 0.9, 0.1),
        configured(1, 0.95, 0.1, seed=3),
        configured(2, 0.8, 0.2),
        configured(3, 0.7, 0.3),
        trial(4, 0.99),  # Of another program: nobody knows what was trained.
    ]
    found = contenders(study(trials), 2)
    assert [each.number for each in found] == [1, 2]
    assert unused_seed(study(trials)) == 4
    assert unused_seed(study([])) == 0


def test_of_a_list_the_means_decide_who_is_best() -> None:
    lucky = seeded({1: (0.99, 0.5), 2: (0.8, 0.82)}, SIZES, "val_accuracy")
    trials = tuple(
        replace(each, configuration={"model": {"latent": each.variant}}) for each in lucky.trials
    )
    assert [each.number for each in contenders(replace(lucky, trials=trials), 1)] == [2]
