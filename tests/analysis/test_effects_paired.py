"""Effects from pairs: exact small cases, and what must not change them."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.analysis.effects import effects
from autoae.analysis.ledger import Effect
from autoae.spec.domains import Choices, Domain
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.analysis.effect_studies import changed, of_runs, paired

VALUES = st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=7)


def only(study: StudySnapshot, domains: dict[str, Domain]) -> Effect:
    ledger = effects(study, domains)
    assert ledger.problem is None
    assert len(ledger.effects) == 1
    return ledger.effects[0]


def test_students_interval_and_p_by_hand() -> None:
    """Differences 1, 2, 3: mean 2, standard error 1/√3, t = 2√3 with 2 degrees of freedom."""
    effect = only(*paired({"a": [0, 0, 0], "b": [1, 2, 3]}))
    assert effect.estimate == pytest.approx(2)
    assert effect.interval is not None
    half = 4.302653 / 3**0.5
    assert (effect.interval.low, effect.interval.high) == pytest.approx((2 - half, 2 + half))
    assert effect.p == pytest.approx(0.0741799, abs=1e-6)
    assert effect.verdict == "no evidence"
    assert "3 seeds find a difference of" in effect.reason


def test_verdicts_follow_the_direction_of_the_metric() -> None:
    arms = {"a": [0.5, 0.6, 0.7, 0.8, 0.9], "b": [1.51, 1.6, 1.72, 1.8, 1.9]}
    assert only(*paired(arms)).verdict == "helps"
    assert only(*paired(arms, metric="val_mse")).verdict == "hurts"


def test_holm_corrects_over_the_comparisons_of_a_metric() -> None:
    """Three levels with p-values p1 < p2 < p3 become 3 p1, 2 p2 and p3, never decreasing."""
    arms = {
        "base": [0.0, 0.1, -0.1, 0.05, -0.05],
        "large": [1.0, 1.2, 0.8, 1.1, 0.9],
        "small": [0.1, 0.4, -0.2, 0.2, 0.1],
        "none": [0.1, -0.1, 0.0, 0.1, -0.2],
    }
    found = {effect.level: effect for effect in effects(*paired(arms)).effects}
    assert {effect.comparisons for effect in found.values()} == {3}
    p = {level: effect.p or 0.0 for level, effect in found.items()}
    assert found["large"].corrected_p == pytest.approx(3 * p["large"])
    assert found["small"].corrected_p == pytest.approx(min(1, 2 * p["small"]))
    assert found["none"].corrected_p == pytest.approx(max(p["none"], min(1, 2 * p["small"])))
    assert [effect.is_claim for effect in found.values()] == [True, False, False]


def test_an_interaction_is_what_two_changes_do_beyond_their_sum() -> None:
    noise = [0.0, 0.01, -0.01, 0.02]
    domains: dict[str, Domain] = {"a": Choices((0, 1)), "b": Choices((0, 1))}
    value = {(0, 0): 1.0, (1, 0): 1.5, (0, 1): 3.0, (1, 1): 7.0}
    runs = [
        ({"a": a, "b": b, "seed": seed}, each + noise[(seed + 2 * a + b) % 4])
        for (a, b), each in value.items()
        for seed in range(4)
    ]
    ledger = effects(of_runs(runs), domains | {"seed": Choices((0, 1, 2, 3))})
    found = {effect.knob: effect for effect in ledger.effects}
    assert list(found) == ["a", "b", "a × b"]
    assert found["a × b"].kind == "interaction"
    assert found["a × b"].estimate == pytest.approx(3.5, abs=0.05)
    assert found["a × b"].verdict == "helps"
    assert (found["a × b"].reference, found["a × b"].level) == ("0 × 0", "1 × 1")


def test_a_list_is_compared_with_its_first_variant_or_the_given_one() -> None:
    study, domains = paired({"v1": [1, 2, 4], "v2": [2, 3, 4]}, factor="variant")
    first, second = effects(study, domains), effects(study, domains, baseline={"variant": "v2"})
    assert (first.effects[0].level, first.effects[0].reference) == ("v2", "v1")
    assert (second.effects[0].level, second.effects[0].reference) == ("v1", "v2")
    assert first.seeds == (0, 1, 2)


def test_a_parameter_that_only_another_level_asks_for_follows_from_it() -> None:
    depth, width = "model.encoder.depth", "model.encoder.width.2"
    runs = [
        ({depth: value, **({width: 8} if value == 2 else {}), "seed": seed}, float(value + seed))
        for value in (1, 2)
        for seed in range(3)
    ]
    domains: dict[str, Domain] = {depth: Choices((1, 2)), width: Choices((8,))}
    effect = only(of_runs(runs), domains | {"seed": Choices((0, 1, 2))})
    assert (effect.knob, effect.level, effect.reference) == (depth, "2", "1")


def test_costs_are_mean_paired_changes() -> None:
    study, domains = paired({"a": [1, 2, 3], "b": [1, 2, 3]})

    def priced(trial: TrialSnapshot) -> TrialSnapshot:
        more = trial.params["factor"] == "b"
        return replace(trial, costs={"params": 150.0 if more else 100.0, "flops": 7.0})

    costs = {cost.cost: cost for cost in only(changed(study, priced), domains).costs}
    assert costs["params"].mean == 50
    assert costs["params"].relative == 0.5
    assert costs["params"].interval is None
    assert costs["flops"].mean == 0


@given(base=VALUES, other=VALUES, shift=st.integers(-50, 50), scale=st.integers(1, 50))
def test_shifting_and_scaling_a_metric_shifts_and_scales_its_effect(
    base: list[float], other: list[float], shift: int, scale: int
) -> None:
    plain = only(*paired({"a": base, "b": other}))
    moved = only(
        *paired({"a": [scale * x + shift for x in base], "b": [scale * x + shift for x in other]})
    )
    assert moved.estimate == pytest.approx(scale * (plain.estimate or 0))
    assert moved.verdict == plain.verdict
    if plain.interval is not None:
        assert moved.interval is not None
        assert moved.interval.low == pytest.approx(scale * plain.interval.low)
        assert moved.p == pytest.approx(plain.p)


@given(base=VALUES, other=VALUES, order=st.randoms())
def test_the_order_of_trials_changes_nothing(
    base: list[float], other: list[float], order: Random
) -> None:
    study, domains = paired({"a": base, "b": other})
    trials = list(study.trials)
    order.shuffle(trials)
    one, two = only(study, domains), only(replace(study, trials=tuple(trials)), domains)
    assert two == replace(one, trials=two.trials)


@given(base=VALUES, other=VALUES)
def test_swapping_baseline_and_variant_flips_the_sign(
    base: list[float], other: list[float]
) -> None:
    study, domains = paired({"a": base, "b": other})
    there = only(study, domains)
    back = effects(study, domains, baseline={"factor": "b"}).effects[0]
    assert back.estimate == pytest.approx(-(there.estimate or 0))
    assert back.p == pytest.approx(there.p)
    assert {there.verdict, back.verdict} in (
        {"helps", "hurts"},
        {"no evidence"},
        {"too few trials"},
    )
