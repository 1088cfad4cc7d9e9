"""How time is divided, when a search ends, what is next: decided without training anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from autoae.auto.division import (
    AblationSize,
    ablation_size,
    affordable,
    confirmation_size,
    share,
)
from autoae.auto.progress import Progress, Stage, busy_seconds, progress_from
from autoae.auto.stopping import FEWEST, no_longer_pays
from autoae.spec.settings import Objective
from autoae.store.snapshot import StudySnapshot
from tests.snapshots import START, trial

ACCURACY = (Objective(metric="val_accuracy", direction="maximize"),)
TWO = (
    Objective(metric="val_mse", direction="minimize"),
    Objective(metric="params", direction="minimize"),
)


def searched(
    values: Sequence[tuple[float, ...]], objectives: tuple[Objective, ...]
) -> StudySnapshot:
    """A study of complete trials, ten seconds each, one after the other."""
    trials = tuple(
        replace(
            trial(number, *each),
            started=START + timedelta(seconds=10 * number),
            finished=START + timedelta(seconds=10 * number + 10),
        )
        for number, each in enumerate(values)
    )
    return StudySnapshot("made", objectives, len(trials), trials)


def test_the_time_of_a_stage_is_its_part_of_what_is_left() -> None:
    assert share(Stage.SEARCH, 100.0) == 50.0
    assert share(Stage.CONFIRM, 50.0) == 20.0
    # What the search left over goes to the others.
    assert share(Stage.CONFIRM, 100.0) == 40.0
    assert share(Stage.EVALUATE, 7.0) == 7.0


def test_seeds_come_before_candidates_but_two_are_compared_where_two_fit() -> None:
    assert confirmation_size(100, 9) == (5, 5)
    assert confirmation_size(12, 9) == (2, 5)
    assert confirmation_size(6, 9) == (2, 3)
    assert confirmation_size(5, 9) == (1, 5)
    assert confirmation_size(5, 1) == (1, 5)
    assert confirmation_size(2, 9) is None


def test_an_ablation_loses_values_then_seeds_then_the_knobs_that_matter_least() -> None:
    def variants(size: AblationSize) -> int:
        return 1 + len(size.factors) * size.levels

    ranked = ["lr", "latent", "width"]
    assert ablation_size(35, ranked, variants) == AblationSize(("lr", "latent", "width"), 2, 5)
    assert ablation_size(20, ranked, variants) == AblationSize(("lr", "latent", "width"), 1, 5)
    assert ablation_size(12, ranked, variants) == AblationSize(("lr", "latent", "width"), 1, 3)
    assert ablation_size(9, ranked, variants) == AblationSize(("lr", "latent"), 1, 3)
    assert ablation_size(5, ranked, variants) is None
    assert ablation_size(5, [], variants) is None


def test_trainings_are_planned_with_a_margin() -> None:
    assert affordable(100.0, 10.0, 2) == 18
    assert affordable(5.0, 10.0, 2) == 0


def test_a_search_ends_when_half_of_it_brought_nothing_beyond_the_error() -> None:
    # The error of 0.95 on 300 images is 0.013.
    values = [(0.5,), (0.9,), (0.95,), *[(0.955,)] * 17]
    found = no_longer_pays(searched(values, ACCURACY), 300)
    assert found is not None
    assert "since trial 2" in found
    assert no_longer_pays(searched(values[:19], ACCURACY), 300) is None
    assert len(values) == FEWEST
    # With so many images the same step is an improvement, and trial 3 is the last record.
    late = [*[(0.9,)] * 18, (0.95,), (0.95,)]
    assert no_longer_pays(searched(late, ACCURACY), 300) is None
    few = [*[(0.95,)] * 18, (0.955,), (0.955,)]
    assert no_longer_pays(searched(few, ACCURACY), 300) is not None
    assert no_longer_pays(searched(few, ACCURACY), 30_000) is None


def test_pruned_trials_are_no_records_and_no_search_ends_without_one() -> None:
    study = searched([(0.5,)] * 30, ACCURACY)
    pruned = tuple(replace(each, state="PRUNED", values=()) for each in study.trials)
    assert no_longer_pays(replace(study, trials=pruned), 300) is None


def test_a_front_that_grows_is_an_improvement() -> None:
    still = [(0.1, 1000.0)] * 24
    assert no_longer_pays(searched(still, TWO), None) is not None
    grown = [*still[:20], (0.2, 500.0), *still[:3]]
    assert no_longer_pays(searched(grown, TWO), None) is None
    # One per cent is within the two per cent that count as nothing.
    hair = [*still[:20], (0.0999, 995.0), *still[:3]]
    assert no_longer_pays(searched(hair, TWO), None) is not None


def test_time_in_training_counts_once_where_trials_overlap() -> None:
    study = searched([(0.5,)] * 4, ACCURACY)
    assert busy_seconds(study) == 40.0
    first = study.trials[0]
    twice = replace(study, trials=(first, replace(first, number=1), study.trials[3]))
    assert busy_seconds(twice) == 20.0


def test_what_is_left_after_a_kill_is_known_from_the_trials() -> None:
    progress = Progress(100.0, "out", spent=5.0)
    assert progress.left([searched([(0.5,)] * 4, ACCURACY)]) == 60.0
    assert replace(progress, spent=70.0).left([searched([(0.5,)] * 4, ACCURACY)]) == 30.0
    assert replace(progress, spent=170.0).left([]) == 0.0


def test_progress_survives_the_storage_and_knows_what_is_next() -> None:
    progress = Progress(100.0, "out").after(Stage.SEARCH, "enough").after(Stage.CONFIRM, "done")
    assert progress_from(progress.kept()) == progress
    assert progress.next is Stage.ABLATE
    assert progress_from(None) is None
    for stage in Stage:
        progress = progress.after(stage, "done")
    assert progress.next is None


@pytest.mark.parametrize("stage", list(Stage)[:4])
def test_every_stage_that_trains_or_looks_has_a_part(stage: Stage) -> None:
    assert 0 < share(stage, 1.0) <= 1
