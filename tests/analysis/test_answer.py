"""The answer in sentences: each names its trials, and its interval or why it has none."""

from dataclasses import replace
from datetime import datetime

import pytest

from autoae.analysis.answer import answer
from autoae.analysis.evidence import Candidate, Confirmation, TestOpening, gather
from autoae.analysis.groups import mean_of
from autoae.analysis.sentences import Sentence, listed, sampling
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot
from tests import studies
from tests.snapshots import trial
from tests.views.report.ledgers import FULL, effect, ledger


def _searched() -> tuple[StudySnapshot, StudySpec]:
    spec = studies.spec()
    return studies.searched(spec), spec


def _find(sentences: tuple[Sentence, ...], words: str) -> Sentence:
    return next(sentence for sentence in sentences if words in sentence.text)


def test_the_best_trial_with_what_its_images_can_tell() -> None:
    study, spec = _searched()
    best = _find(answer(gather(study, spec)), "The best of")
    complete = study.of_state("COMPLETE")
    assert best.text.startswith(f"The best of {len(complete)} complete trials is trial ")
    assert study.trials[best.trials[0]].values[0] == max(t.values[0] for t in complete)
    assert best.interval is not None
    assert best.interval.low < max(t.values[0] for t in complete) < best.interval.high
    assert "300 validation images" in best.basis
    assert "flatters" in best.basis


def test_every_sentence_of_a_search_names_its_trials() -> None:
    study, spec = _searched()
    for sentence in answer(gather(study, spec)):
        assert sentence.trials
        assert sentence.text.endswith(".")


def test_several_objectives_have_no_winner() -> None:
    spec = studies.two_objectives()
    study = studies.searched(spec)
    front = _find(answer(gather(study, spec)), "No single trial wins")
    assert "front of val_accuracy and val_mse" in front.text
    assert front.trials


def test_variants_are_compared_by_their_means() -> None:
    spec = studies.spec(studies.LIST, "list")
    study = studies.repeated(spec)
    best = _find(answer(gather(study, spec)), "The best mean val_accuracy of 3 variants")
    assert best.interval is not None
    assert len({study.trials[number].variant for number in best.trials}) == 1
    assert len(best.trials) == 5


def test_effects_are_told_with_their_intervals_and_their_price() -> None:
    spec = studies.spec(studies.ABLATION, "ablation")
    evidence = gather(studies.repeated(spec), spec, ledger(*FULL))
    sentences = answer(evidence)
    helps = _find(sentences, "helps")
    assert "model.batch_norm: true helps val_accuracy against false, by +0.03" in helps.text
    assert "+12 % parameters" in helps.text
    assert helps.interval == FULL[0].interval
    assert helps.trials == FULL[0].trials
    assert "4 pairs" in helps.basis
    nothing = _find(sentences, "No evidence")
    assert "model.dropout" in nothing.text
    assert "below 0.015 could have been missed" in nothing.basis
    # A comparison that could not be made is no evidence of anything.
    assert "order_seed" not in nothing.text
    assert _find(sentences, "Too few trials speak of order_seed").basis == "1 seed, 5 are needed"


def test_without_effects_importance_is_only_a_hint() -> None:
    study, spec = _searched()
    nothing = ledger(effect("training.lr", "0.1", 0.001, "no evidence"))
    hint = _find(answer(gather(study, spec, nothing)), "stand out most")
    assert "a hint, no proof" in hint.text
    assert "no interval" in hint.basis


def test_too_few_trials_for_importance_are_said() -> None:
    spec = studies.spec()
    few = answer(gather(studies.searched(spec, 4), spec))
    assert "8 are needed" in _find(few, "is not known").text


def test_confirmed_candidates_come_first() -> None:
    study, spec = _searched()
    means = [mean_of([0.95, 0.96, 0.94]), mean_of([0.94, 0.95, 0.945])]
    candidates = tuple(
        Candidate(number, "L'(10)", 100.0 / (number + 1), mean)
        for number, mean in enumerate(means)
        if mean is not None
    )
    confirmation = Confirmation("val_accuracy", candidates, smallest=1)
    first, second, *_ = answer(gather(study, spec, confirmation=confirmation))
    assert "Confirmed with 3 new seeds: trial 0" in first.text
    assert first.interval == candidates[0].mean.interval
    assert "within one standard error of it is trial 1" in second.text


def test_openings_of_the_test_split_are_counted() -> None:
    study, spec = _searched()
    opening = TestOpening(2, datetime(2026, 3, 1), {3: {"test_accuracy": 0.9}}, {})
    said = _find(answer(gather(study, spec, opening=opening)), "The test split")
    assert "opened 2 times" in said.text
    assert said.trials == (3,)


def test_claims_are_counted_by_verdict() -> None:
    text = studies.LIST + (
        "claims: [{variant: baseline, metric: val_accuracy, value: 0.1, source: a paper},"
        " {variant: wide, metric: test_mse, value: 0.1, source: a paper}]\n"
    )
    spec = studies.spec(text, "list")
    claims = _find(answer(gather(studies.repeated(spec), spec)), "published figures")
    assert claims.text == "Of 2 published figures 1 does not hold and 1 lacks evidence."


def test_what_is_unsettled_is_said() -> None:
    study, spec = _searched()
    settings = spec.settings.model_copy(update={"profile": "quick"})
    said = " ".join(s.text for s in answer(gather(study, replace(spec, settings=settings))))
    assert "figures of the quick profile" in said
    assert "2 trials are still running or waiting" in said
    assert "1 trial failed" in said


def test_no_complete_trial_is_no_answer() -> None:
    spec = studies.spec()
    study = replace(studies.searched(spec, 2), trials=())
    assert [s.text for s in answer(gather(study, spec))] == [
        "No trial is complete, so there is no answer yet."
    ]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_an_interval_of_images_stays_within_what_is_possible(value: float) -> None:
    known = replace(trial(0, value), configuration={"data": {"validation": 300}})
    interval, _ = sampling(known, "val_accuracy", value)
    assert interval is not None
    assert -1e-12 <= interval.low <= value + 1e-12
    assert value - 1e-12 <= interval.high <= 1 + 1e-12
    assert sampling(known, "val_mse", value)[0] is None
    assert sampling(trial(0, value), "val_accuracy", value)[0] is None


def test_words_as_a_list() -> None:
    assert [listed(words) for words in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
