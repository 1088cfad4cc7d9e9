"""Effects from searches: what is found, what must not change it, and what is refused."""

from collections.abc import Mapping
from dataclasses import replace
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoae.analysis.effects import effects
from autoae.analysis.ledger import Effect, Ledger
from autoae.spec.domains import Choices, Domain, Value
from autoae.store.snapshot import TrialSnapshot
from tests.analysis.effect_studies import DEPTH, KIND, RATE, SPACE, changed, of_runs, searched
from tests.snapshots import study as study_of


def kind_only(params: Mapping[str, Value]) -> float:
    return 3.0 if params[KIND] == "sgd" else 0.0


def by_level(ledger: Ledger) -> dict[tuple[str, str], Effect]:
    return {(effect.knob, effect.level): effect for effect in ledger.effects}


def test_a_real_knob_is_found_and_others_are_not() -> None:
    ledger = effects(searched(kind_only, 80), SPACE)
    found = by_level(ledger)
    assert ledger.design == "observational"
    assert found[KIND, "sgd"].verdict == "helps"
    assert found[KIND, "sgd"].estimate == pytest.approx(3, abs=0.7)
    others = [effect for effect in ledger.effects if effect.knob != KIND]
    assert {effect.verdict for effect in others} == {"no evidence"}
    assert "trials of a random search" in found[DEPTH, "2"].reason


def test_ranges_are_compared_by_thirds_of_their_own_scale() -> None:
    ledger = effects(searched(lambda p: log10(float(str(p[RATE]))), 90, noise=0.2), SPACE)
    levels = [effect for effect in ledger.effects if effect.knob == RATE]
    assert [effect.level for effect in levels] == ["0.001 to 0.01", "0.01 to 0.1"]
    assert {effect.reference for effect in levels} == {"0.0001 to 0.001"}
    assert [effect.estimate for effect in levels] == pytest.approx([1, 2], abs=0.2)


def test_a_bend_is_found_where_both_ends_are_alike() -> None:
    def bent(params: Mapping[str, Value]) -> float:
        return -3.0 * (log10(float(str(params[RATE]))) + 2.5) ** 2

    found = by_level(effects(searched(bent, 100), SPACE))
    assert found[RATE, "0.001 to 0.01"].verdict == "helps"
    assert found[RATE, "0.01 to 0.1"].verdict == "no evidence"


def test_the_inert_control_stands_last_and_shows_the_noise() -> None:
    control = effects(searched(kind_only, 80), SPACE).effects[-1]
    assert control.kind == "inert"
    assert control.interval is not None
    assert control.interval.low < 0 < control.interval.high
    assert not control.is_claim


def test_the_same_snapshot_gives_the_same_ledger() -> None:
    snapshot = searched(kind_only, 40)
    assert effects(snapshot, SPACE) == effects(snapshot, SPACE)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), shift=st.integers(-100, 100), scale=st.sampled_from([0.001, 7.0]))
def test_shifting_and_scaling_a_metric_shifts_and_scales_its_effects(
    seed: int, shift: int, scale: float
) -> None:
    snapshot = searched(kind_only, 40, seed)
    moved = changed(snapshot, lambda t: replace(t, values=(scale * t.values[0] + shift,)))
    for one, other in zip(
        effects(snapshot, SPACE).effects, effects(moved, SPACE).effects, strict=True
    ):
        assert other.estimate == pytest.approx(scale * (one.estimate or 0), abs=1e-9)
        assert (one.p is None) or other.p == pytest.approx(one.p, rel=1e-6)
        assert other.verdict == one.verdict


def test_swapping_the_first_level_flips_the_sign() -> None:
    snapshot = searched(kind_only, 60)
    turned = {**SPACE, KIND: Choices(("sgd", "adam"))}
    one = by_level(effects(snapshot, SPACE))[KIND, "sgd"]
    other = by_level(effects(snapshot, turned))[KIND, "adam"]
    assert other.estimate == pytest.approx(-(one.estimate or 0))
    assert (one.verdict, other.verdict) == ("helps", "hurts")


def test_a_conditional_knob_is_compared_where_it_applies() -> None:
    generator = np.random.default_rng(0)
    domains: dict[str, Domain] = {DEPTH: Choices((1, 2)), "width": Choices((8, 16))}
    runs = []
    for _ in range(60):
        depth, width = int(generator.integers(1, 3)), int(generator.choice([8, 16]))
        params: dict[str, Value] = {DEPTH: depth, **({"width": width} if depth == 2 else {})}
        value = 2.0 * (depth == 2 and width == 16) + 0.3 * float(generator.normal())
        runs.append((params, value))
    found = by_level(effects(of_runs(runs), domains))
    assert found["width", "16"].estimate == pytest.approx(2, abs=0.4)
    assert found["width", "16"].verdict == "helps"
    # The depth is worth what it brings on average over the widths that it allows.
    assert found[DEPTH, "2"].estimate == pytest.approx(1, abs=0.4)


def test_costs_are_changes_over_the_uniform_space() -> None:
    def priced(trial: TrialSnapshot) -> TrialSnapshot:
        return replace(trial, costs={"params": 100.0 * int(str(trial.params[DEPTH])), "flops": 3.0})

    found = by_level(effects(changed(searched(kind_only, 60), priced), SPACE))
    costs = {cost.cost: cost for cost in found[DEPTH, "3"].costs}
    assert set(costs) == {"params"}
    assert costs["params"].mean == pytest.approx(200)
    assert costs["params"].reference == pytest.approx(100)


def test_pruned_trials_are_taken_after_an_epoch_that_all_reached() -> None:
    def pruned(trial: TrialSnapshot) -> TrialSnapshot:
        value = trial.values[0]
        reached = 4 if value > 1 else 2
        curve = tuple((epoch, value * epoch) for epoch in range(1, reached + 1))
        state = replace(trial, curves={"val_accuracy": curve}, epochs=reached)
        return state if value > 1 else replace(state, state="PRUNED")

    ledger = effects(changed(searched(kind_only, 80), pruned), SPACE)
    effect = by_level(ledger)[KIND, "sgd"]
    assert effect.epoch == 2
    assert effect.estimate == pytest.approx(6, abs=1.4)
    assert any("after epoch 2 of 4" in notice for notice in ledger.notices)


def test_metrics_that_pruned_trials_lack_are_unreliable() -> None:
    def pruned(trial: TrialSnapshot) -> TrialSnapshot:
        return trial if trial.values[0] > 1 else replace(trial, state="PRUNED", values=())

    ledger = effects(changed(searched(kind_only, 200), pruned), SPACE)
    assert {effect.verdict for effect in ledger.effects if effect.kind == "level"} == {
        "observational, unreliable"
    }


def test_a_level_that_the_sampler_left_is_unreliable() -> None:
    snapshot = searched(kind_only, 120)
    rare = [t for t in snapshot.trials if t.params[KIND] == "sgd"][3:]
    kept = tuple(trial for trial in snapshot.trials if trial not in rare)
    effect = by_level(effects(replace(snapshot, trials=kept), SPACE))[KIND, "sgd"]
    assert effect.verdict == "observational, unreliable"
    assert "the sampler left 3 of" in effect.reason


def test_levels_at_which_more_trials_failed_are_told() -> None:
    def failing(trial: TrialSnapshot) -> TrialSnapshot:
        high = float(str(trial.params[RATE])) > 1e-2
        return replace(trial, state="FAIL", values=()) if high and trial.number % 3 else trial

    ledger = effects(changed(searched(kind_only, 90), failing), SPACE)
    assert any(notice.startswith(f"{RATE} 0.01 to 0.1: ") for notice in ledger.notices)


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_too_few_trials_are_said_in_one_line(count: int) -> None:
    ledger = effects(searched(kind_only, count), SPACE)
    if count == 1:
        assert ledger.problem == "one trial alone has finished, which can be compared with nothing"
        return
    assert {effect.verdict for effect in ledger.effects} == {"too few trials"}
    assert all(effect.reason for effect in ledger.effects)


def test_a_constant_metric_and_a_knob_that_never_varied_are_said_in_one_line() -> None:
    flat = changed(searched(kind_only, 30), lambda t: replace(t, values=(0.5,)))
    problem = effects(flat, SPACE).problem
    assert problem == (
        "val_accuracy did not differ between trials, so nothing can have acted on it"
    )
    fixed = changed(searched(kind_only, 30), lambda t: replace(t, params={**t.params, DEPTH: 2}))
    row = next(effect for effect in effects(fixed, SPACE).effects if effect.knob == DEPTH)
    assert row.reason == "never varied (always 2); trials with other values are needed"


def test_a_study_that_searches_nothing_says_so() -> None:
    ledger = effects(study_of([]), {})
    assert ledger.problem == "no trial has finished yet (there are none)"
    assert "searches nothing" in (effects(of_runs([({}, 1.0), ({}, 2.0)]), {}).problem or "")


def test_hopeless_figures_do_no_harm() -> None:
    """Values outside the space, infinities, huge outliers: told or left out, never a crash."""

    def odd(trial: TrialSnapshot) -> TrialSnapshot:
        values = {0: float("inf"), 1: float("nan"), 2: 1e12}
        params = {**trial.params, RATE: 5.0} if trial.number == 3 else trial.params
        return replace(trial, values=(values.get(trial.number, trial.values[0]),), params=params)

    ledger = effects(changed(searched(kind_only, 60), odd), SPACE)
    assert any("a finite val_accuracy: 2 trials" in notice for notice in ledger.notices)
    assert not ledger.claims
