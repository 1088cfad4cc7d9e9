"""Effects from pairs where something is missing: said in words, and never claimed."""

from dataclasses import replace

import pytest

from autoae.analysis.effects import effects
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.analysis.effect_studies import changed, paired


def failing(study: StudySnapshot, *numbers: int) -> StudySnapshot:
    def fail(trial: TrialSnapshot) -> TrialSnapshot:
        return replace(trial, state="FAIL", values=()) if trial.number in numbers else trial

    return changed(study, fail)


def test_one_seed_is_too_few_and_says_how_many_are_needed() -> None:
    effect = effects(*paired({"a": [1.0], "b": [2.0]})).effects[0]
    assert effect.verdict == "too few trials"
    assert effect.estimate == 1
    assert effect.interval is None
    assert "1 seed shared with the baseline; 3 at least are needed" in effect.reason


def test_two_seeds_are_too_few_and_half_a_deviation_takes_more() -> None:
    effect = effects(*paired({"a": [1.0, 1.2], "b": [2.0, 2.3]})).effects[0]
    assert effect.verdict == "too few trials"
    assert effect.needed is not None
    assert f"about {effect.needed} for half a standard deviation" in effect.reason


def test_ties_are_no_evidence() -> None:
    effect = effects(*paired({"a": [0.5, 0.6, 0.7, 0.6], "b": [0.5, 0.6, 0.7, 0.6]})).effects[0]
    assert (effect.estimate, effect.p, effect.verdict) == (0, 1, "no evidence")


@pytest.mark.parametrize(("seeds", "verdict"), [(5, "too few trials"), (6, "helps")])
def test_equal_differences_count_by_their_number_alone(seeds: int, verdict: str) -> None:
    arms = {"a": [float(s) for s in range(seeds)], "b": [s + 1.0 for s in range(seeds)]}
    effect = effects(*paired(arms)).effects[0]
    assert effect.verdict == verdict
    assert effect.interval is None
    assert effect.p == pytest.approx(2.0 ** (1 - seeds))


def test_rounding_is_no_difference() -> None:
    third = [0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3]
    effect = effects(*paired({"a": [0.3, 0.3, 0.3, 0.3], "b": third})).effects[0]
    assert effect.verdict == "no evidence"


def test_a_side_that_failed_is_not_called_better_but_may_be_called_worse() -> None:
    better = {"a": [0.0, 0.1, 0.2, 0.3, 0.0], "b": [2.0, 2.1, 2.25, 2.3, 9.0]}
    study, domains = paired(better)
    effect = effects(failing(study, 9), domains).effects[0]
    assert effect.count == 4
    assert effect.verdict == "no evidence"
    assert "this level failed with 1 seed " in effect.reason
    worse = effects(failing(study, 4), domains).effects[0]
    assert worse.verdict == "helps"


def test_pruned_trials_are_compared_after_an_epoch_that_all_reached() -> None:
    study, domains = paired({"a": [1.0, 1.1, 1.2], "b": [2.0, 2.1, 2.3]})

    def curved(trial: TrialSnapshot) -> TrialSnapshot:
        pruned = trial.number == 1
        epochs = range(1, 3 if pruned else 5)
        curve = tuple((epoch, trial.values[0] * epoch) for epoch in epochs)
        state = replace(trial, curves={"val_accuracy": curve})
        return replace(state, state="PRUNED") if pruned else state

    effect = effects(changed(study, curved), domains).effects[0]
    assert effect.epoch == 2
    assert effect.estimate == pytest.approx(2 * (1.0 + 1.0 + 1.1) / 3)


def test_pruned_trials_without_a_curve_forbid_a_claim() -> None:
    study, domains = paired({"a": [1.0, 1.1, 1.2, 1.0], "b": [2.0, 2.1, 2.3, 2.1]})
    pruned = changed(study, lambda t: replace(t, state="PRUNED") if t.number == 0 else t)
    effect = effects(pruned, domains).effects[0]
    assert effect.verdict == "too few trials"
    assert "pruner: none" in effect.reason


def test_unfinished_trials_are_told() -> None:
    study, domains = paired({"a": [1.0, 1.1, 1.2], "b": [2.0, 2.1, 2.3]})
    running = changed(study, lambda t: replace(t, state="RUNNING") if t.number == 5 else t)
    ledger = effects(running, domains)
    assert ledger.effects[0].count == 2
    assert ledger.states == {"complete": 5, "running": 1}
    assert "1 trial; these effects may still move" in ledger.notices[0]


def test_a_failed_trial_that_was_repeated_does_not_count() -> None:
    study, domains = paired({"a": [1.0, 1.1, 1.2], "b": [2.0, 2.1, 2.3]})
    lost = replace(study.trials[0], state="FAIL", number=6, values=())
    again = replace(study.trials[0], retried_from=6)
    ledger = effects(replace(study, trials=(lost, again, *study.trials[1:])), domains)
    assert ledger.effects[0].count == 3
    assert "failed" not in ledger.effects[0].reason


def test_no_trial_at_all_no_baseline_and_no_variant_are_problems_in_one_line() -> None:
    study, domains = paired({"a": [1.0, 1.1], "b": [2.0, 2.1]})
    empty = effects(replace(study, trials=()), domains).problem
    assert empty == "no trial has finished yet (there are none)"
    alone = replace(study, trials=study.trials[:2])
    assert "only the baseline" in (effects(alone, domains).problem or "")
    without = replace(study, trials=study.trials[2:])
    assert "no trial of the baseline has finished" in (effects(without, domains).problem or "")
    unknown = effects(study, domains, metric="val_psnr").problem
    assert unknown == "no trial recorded val_psnr; there are val_accuracy"
