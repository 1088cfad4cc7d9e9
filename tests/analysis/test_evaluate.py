"""Classes, shares and their intervals; variants over their seeds in the order of validation."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from autoae.analysis.classification import (
    class_figures,
    macro,
    normalized,
    wilson,
)
from autoae.analysis.opening import opened_rows, opening_facts
from autoae.store.evaluations import Baseline, Evaluation, OpenedSplit, TrialEvaluation
from tests.snapshots import study, trial

COUNTS = st.integers(2, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(COUNTS)
def test_classes_are_judged_as_scikit_learn_does(counts: list[list[int]]) -> None:
    true = [row for row, each in enumerate(counts) for count in each for _ in range(count)]
    guessed = [g for each in counts for g, count in enumerate(each) for _ in range(count)]
    names = [f"class {index}" for index in range(len(counts))]
    expected = (
        precision_recall_fscore_support(true, guessed, labels=range(len(counts)), zero_division=0.0)
        if true
        else np.zeros((4, len(counts)))
    )
    found = class_figures(counts, names)
    np.testing.assert_allclose([each.precision for each in found], expected[0])
    np.testing.assert_allclose([each.recall for each in found], expected[1])
    np.testing.assert_allclose([each.f1 for each in found], expected[2])
    assert [each.images for each in found] == list(expected[3])
    assert macro(found)["f1"] == pytest.approx(np.mean(expected[2]))


def test_shares_of_the_true_class() -> None:
    assert normalized([[3, 1], [0, 0]]) == ((0.75, 0.25), (0.0, 0.0))


def test_the_interval_is_wilsons() -> None:
    # Brown, Cai and DasGupta 2001 and R's prop.test(15, 20, correct = FALSE).
    found = wilson(15, 20)
    assert (found.low, found.high) == pytest.approx((0.5312990, 0.8881383), abs=1e-6)
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == 1.0


@given(st.integers(1, 1000), st.data())
def test_the_interval_holds_the_share_and_stays_a_share(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    found = wilson(right, count)
    assert 0 <= found.low <= right / count <= found.high <= 1


def evaluated(number: int, accuracy: float) -> TrialEvaluation:
    figures = {"test_accuracy": accuracy, "test_mse": accuracy / 10}
    return TrialEvaluation(number, None, 0, "L'(10)", 100, figures, (0.1, 0.9))


def opened(*trials: TrialEvaluation) -> Evaluation:
    baselines = (Baseline("majority class", (0,), {"test_accuracy": 0.1}),)
    return Evaluation("small", 1, datetime(2026, 1, 2, 3, 4), ("digits",), trials, baselines)


def test_the_order_is_that_of_validation() -> None:
    found = study([trial(0, 0.5), trial(1, 0.9), trial(2, 0.7)])
    evaluation = opened(evaluated(0, 0.99), evaluated(1, 0.5), evaluated(2, 0.6))
    rows = opened_rows(found, evaluation)
    assert [row.name for row in rows] == ["trial 1", "trial 2", "trial 0"]
    interval = rows[0].interval("test_accuracy")
    assert interval is not None
    assert (interval.low, interval.high) == (0.1, 0.9)
    assert rows[0].interval("test_mse") is None
    assert rows[0].interval("test_nothing") is None


def test_seeds_of_a_variant_stand_together() -> None:
    trials = [
        trial(number, 0.9, params={"variant": name, "seed": seed})
        for number, (name, seed) in enumerate([("a", 0), ("b", 0), ("a", 1), ("b", 1)])
    ]
    rows = opened_rows(
        study(trials), opened(evaluated(0, 0.8), evaluated(1, 0.5), evaluated(2, 0.9))
    )
    assert [(row.name, row.trials) for row in rows] == [("a", (0, 2)), ("b", (1,))]
    interval = rows[0].interval("test_accuracy")
    assert interval is not None
    # 12.7062 is the 97.5 % quantile of Student's t with one degree of freedom.
    assert interval.high == pytest.approx(0.85 + 12.7062 * 0.05, abs=1e-4)


def test_reports_get_the_figures_and_the_count() -> None:
    evaluation = opened(evaluated(0, 0.8))
    times = (datetime(2026, 1, 1, 0, 0), datetime(2026, 1, 2, 3, 4))
    found = opening_facts(OpenedSplit(times, evaluation))
    assert (found.count, found.opened) == (2, times[1])
    assert found.figures[0]["test_accuracy"] == 0.8
    assert found.baselines == {"majority class": {"test_accuracy": 0.1}}
    assert opening_facts(OpenedSplit(times, None)).figures == {}
    assert OpenedSplit(times, replace(evaluation, trials=())).times == "2 times"
