"""Gaps between training and validation images, and what reconstruction does to them."""

from dataclasses import replace

import pytest

from autoae.analysis.answer_checks import regularisation_sentences
from autoae.analysis.gaps import gaps_of
from autoae.analysis.groups import groups
from autoae.analysis.regularisation import (
    in_file_order,
    reconstructs,
    regularisation_steps,
    regularisations,
)
from autoae.spec.config import Configuration
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.snapshots import study, trial

HEAD = "L(64{}) > L'(10)"


def configuration(seed: int, gamma: float, dropout: float, **others: object) -> Configuration:
    written = HEAD.format(f",d{dropout}" if dropout else "")
    return Configuration.model_validate(
        {
            "model": {
                "encoder": "C(8)",
                "task": "classify",
                "head": written,
                "decoder": others.pop("decoder", "mirror"),
            },
            "loss": {"gamma": gamma, **others},
            "training": {"seed": seed},
        }
    )


def seeds_of(
    variant: str,
    gaps: list[float],
    *,
    gamma: float = 0.0,
    dropout: float = 0.0,
    **others: object,
) -> list[TrialSnapshot]:
    """Trials of a variant, one for each seed, with these gaps in accuracy."""
    return [
        replace(
            trial(0, 0.5, params={"variant": variant, "seed": seed}),
            configuration=configuration(seed, gamma, dropout, **dict(others)).model_dump(
                mode="json"
            ),
            metrics={"train_accuracy": 0.5 + gap, "val_accuracy": 0.5}
            | {"train_task": 1.0, "val_task": 1.0 + gap, "train_loss": 2.0},
        )
        for seed, gap in enumerate(gaps)
    ]


def of(*variants: list[TrialSnapshot]) -> StudySnapshot:
    trials = [each for variant in variants for each in variant]
    return study(replace(each, number=number) for number, each in enumerate(trials))


WITH = seeds_of("with", [0.10, 0.11, 0.12, 0.11])
WITHOUT = seeds_of("without", [0.20, 0.22, 0.21, 0.22], beta=0.0)


def test_a_gap_is_by_how_much_training_images_fare_better() -> None:
    (group,) = groups(of(WITH[:2]))
    accuracy, task = gaps_of(group)
    assert (accuracy.figure, task.figure) == ("accuracy", "task")
    assert accuracy.training.mean == pytest.approx(0.605)
    assert accuracy.validation.mean == 0.5
    assert accuracy.gap.mean == pytest.approx(0.105)
    assert task.gap.mean == pytest.approx(0.105)
    assert accuracy.gap.interval is not None


def test_a_figure_of_one_kind_of_images_has_no_gap() -> None:
    (group,) = groups(of(WITH))
    assert "loss" not in {gap.figure for gap in gaps_of(group)}


def test_each_task_has_its_own_share_of_right_answers() -> None:
    counted = replace(WITH[0], metrics={"train_accuracy": 0.9, "val_count_accuracy": 0.7})
    (group,) = groups(of([counted]))
    assert gaps_of(group)[0].gap.mean == pytest.approx(0.2)


def test_a_gap_that_reconstruction_narrows_is_found() -> None:
    accuracy, task = regularisations(groups(of(WITHOUT, WITH)))
    assert (accuracy.figure, task.figure) == ("accuracy", "task")
    assert (accuracy.reconstructing.name, accuracy.other.name) == ("with", "without")
    assert accuracy.change.mean == pytest.approx(-0.1025)
    assert accuracy.verdict == task.verdict == "smaller gap"


def test_a_gap_that_it_widens_is_found_too() -> None:
    wide = seeds_of("with", [0.30, 0.33, 0.31, 0.32])
    assert regularisations(groups(of(wide, WITHOUT)))[0].verdict == "larger gap"


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_seeds_are_no_evidence(count: int) -> None:
    found = regularisations(groups(of(WITH[:count], WITHOUT[:count])))[0]
    assert (found.p, found.verdict) == (None, "no evidence")
    (sentence,) = regularisation_sentences(groups(of(WITH[:count], WITHOUT[:count])))
    assert "3 are needed" in sentence.basis


def test_noise_is_no_evidence() -> None:
    noisy = seeds_of("with", [0.30, 0.12, 0.25, 0.16])
    assert regularisations(groups(of(noisy, WITHOUT)))[0].verdict == "no evidence"


def test_changes_that_do_not_spread_but_by_rounding_are_no_evidence() -> None:
    same = seeds_of("with", [gap - 0.03 for gap in (0.20, 0.22, 0.21, 0.22)])
    found = regularisations(groups(of(same, WITHOUT)))[0]
    assert found.change.mean == pytest.approx(-0.03)
    assert (found.p, found.verdict) == (None, "no evidence")


def test_seeds_that_one_of_both_lacks_are_left_out() -> None:
    found = regularisations(groups(of(WITH[1:], WITHOUT)))[0]
    assert found.change.values == pytest.approx((-0.11, -0.09, -0.11))


def test_only_variants_that_differ_in_reconstruction_alone_are_compared() -> None:
    none = seeds_of("no decoder", [0.2] * 3, decoder="none")
    other = seeds_of("other", [0.2] * 3, dropout=0.3, beta=0.0)
    strong = seeds_of("strong", [0.1] * 3, beta=10.0)
    found = regularisations(in_file_order(groups(of(WITH, WITHOUT, none, other, strong))))
    pairs = [(f.reconstructing.name, f.other.name) for f in found if f.figure == "accuracy"]
    assert pairs == [
        ("with", "without"), ("with", "no decoder"), ("strong", "without"), ("strong", "no decoder")
    ]  # fmt: skip


def test_p_is_corrected_for_all_comparisons() -> None:
    alone = regularisations(groups(of(WITH, WITHOUT)))[0].p
    none = seeds_of("no decoder", [0.10, 0.13, 0.09, 0.13], decoder="none")
    both = regularisations(groups(of(WITH, WITHOUT, none)))
    corrected = next(f.p for f in both if f.figure == "accuracy" and f.other.name == "without")
    assert alone is not None
    assert corrected == pytest.approx(2 * alone)


def test_a_decoder_that_is_not_trained_does_not_reconstruct() -> None:
    none = seeds_of("no decoder", [0.2], decoder="none")
    assert [reconstructs(each[0]) for each in (WITH, WITHOUT, none)] == [True, False, False]


def test_steps_are_variants_that_differ_in_regularisation() -> None:
    dropout = seeds_of("dropout", [0.1], dropout=0.3)
    gamma = seeds_of("gamma", [0.1], dropout=0.3, gamma=0.001)
    found = regularisation_steps(groups(of(WITH, WITHOUT, dropout, gamma)))
    assert [[group.name for group in step] for step in found] == [["with", "dropout", "gamma"]]


def test_the_answer_counts_verdicts() -> None:
    noisy = seeds_of("weak", [0.30, 0.12, 0.25, 0.16], beta=0.1)
    (sentence,) = regularisation_sentences(groups(of(WITH, WITHOUT, noisy)))
    assert "of 2 comparisons" in sentence.text
    assert "smaller in 1 and larger in 0; 1 without evidence." in sentence.text
    assert sentence.trials == tuple(range(12))
    assert not list(regularisation_sentences(groups(of(WITH))))
