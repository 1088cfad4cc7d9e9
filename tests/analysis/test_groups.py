"""Means over seeds, and correlations."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autoae.analysis.correlations import FEWEST, correlations, noise
from autoae.analysis.groups import groups, mean_of
from tests import studies

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=10)


@given(VALUES)
def test_a_mean_has_the_interval_of_student(values: list[float]) -> None:
    mean = mean_of(values)
    assert mean is not None
    assert mean.interval is not None
    assert mean.interval.low <= mean.mean <= mean.interval.high
    if mean.error:
        low, high = stats.t.interval(0.95, len(values) - 1, mean.mean, mean.error)
        assert (mean.interval.low, mean.interval.high) == pytest.approx((low, high))


def test_one_value_has_no_interval_and_none_no_mean() -> None:
    mean = mean_of([0.5])
    assert mean is not None
    assert (mean.interval, mean.deviation, mean.error, mean.one_more()) == (None,) * 4
    assert mean_of([]) is None


def test_variants_of_an_ablation_are_named_by_what_they_change() -> None:
    spec = studies.spec(studies.ABLATION, "ablation")
    found = groups(studies.repeated(spec))
    names = {group.name for group in found}
    assert names == {
        "baseline",
        "model.batch_norm = true",
        "training.lr = 0.1",
        "training.lr = 0.001",
    }
    assert all(len(group.trials) == 4 and not group.missing for group in found)
    assert found[0].name == "model.batch_norm = true"


def test_what_is_not_complete_is_counted() -> None:
    spec = studies.spec(studies.LIST, "list")
    study = studies.repeated(spec)
    lost = replace(study.trials[0], state="FAIL", values=())
    found = groups(replace(study, trials=(lost, *study.trials[1:])))
    assert {group.name: group.missing for group in found} == {"baseline": 1, "wide": 0, "linear": 0}


def test_a_search_has_no_variants() -> None:
    spec = studies.spec()
    assert groups(studies.searched(spec)) == ()


def test_correlations_are_those_of_spearman() -> None:
    spec = studies.spec()
    study = studies.searched(spec)
    found = correlations(study, spec.domains())
    complete = study.of_state("COMPLETE")
    rates = [trial.params["training.lr"] for trial in complete]
    expected = stats.spearmanr(rates, [trial.values[0] for trial in complete]).statistic
    row, column = found.knobs.index("training.lr"), found.figures.index("val_accuracy")
    assert found.values[row][column] == pytest.approx(expected)
    assert found.trials == len(complete)


def test_choices_have_a_row_for_each_value_and_two_values_only_one() -> None:
    spec = studies.spec()
    found = correlations(studies.searched(spec), spec.domains())
    activations = [name for name in found.knobs if name.startswith("model.activation")]
    assert activations == [f"model.activation = {name}" for name in ("relu", "gelu", "tanh")]
    assert [name for name in found.knobs if "batch_norm" in name] == ["model.batch_norm = false"]


def test_too_few_trials_have_no_correlations() -> None:
    spec = studies.spec()
    found = correlations(studies.searched(spec, FEWEST), spec.domains())
    assert found.values == ()
    assert f"{FEWEST} are needed" in (found.problem or "")


@given(st.integers(4, 500))
def test_noise_falls_with_the_trials(trials: int) -> None:
    assert 0 < noise(trials + 1) < noise(trials) < 1
    assert math.isclose(
        stats.t.sf(noise(trials) * math.sqrt((trials - 2) / (1 - noise(trials) ** 2)), trials - 2),
        0.025,
        rel_tol=1e-6,
    )
