"""What the notes in the dashboard say."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autoae.views.dashboard.notes import study_note, trial_note
from tests.snapshots import pruned, study, trial
from tests.studies import searched, spec, two_objectives


def _command(words: str) -> str:
    return f"autoae {words}"


def test_a_study_says_its_question_its_state_and_its_space() -> None:
    file = spec()
    said = study_note(searched(file), file, _command)
    assert "Which knobs of a small hybrid matter on the digits?" in said
    assert "of 40 trials done" in said
    assert "maximize `val_accuracy`" in said
    assert "| `model.latent` | 4 to 64, log |" in said
    assert "autoae study report hybrid" in said


def test_a_study_without_a_trial_is_no_empty_page() -> None:
    file = spec()
    said = study_note(replace(searched(file), trials=()), file, _command)
    assert "0 of 40 trials done; none yet" in said
    assert "Best" not in said


def test_both_objectives_are_named() -> None:
    file = two_objectives()
    said = study_note(searched(file), file, _command)
    assert "**Objectives**: maximize `val_accuracy`, minimize `val_mse`" in said


def test_a_trial_says_its_network_its_figures_and_how_to_train_it_again() -> None:
    file = spec()
    whole = searched(file)
    best = whole.of_state("COMPLETE")[0]
    said = trial_note(whole, best, _command)
    assert f"`{best.notation}`" in said
    assert "`val_accuracy` (objective)" in said
    assert "`params`" in said
    assert f"autoae model train --from hybrid:{best.number}  # train it again, seed 0" in said


def test_a_trial_says_why_it_ended() -> None:
    ended = pruned(3, "9 parameters | too many")
    said = trial_note(study([trial(0, 0.5), ended]), ended, _command)
    assert "pruned" in said
    assert r"9 parameters \| too many" in said
    assert "model train" not in said  # It never started.


@given(st.lists(st.sampled_from(["<img src=x onerror=a()>", "`", "\n", "|", "a", "](", "["])))
def test_texts_of_users_are_never_html(words: list[str]) -> None:
    evil = "".join(words)
    case = spec()
    settings = case.settings.model_copy(update={"description": evil})
    hostile = replace(pruned(1, evil), variant=evil, notation=evil)
    notes = study_note(study([hostile]), replace(case, settings=settings), str)
    notes += "\n\n" + trial_note(study([hostile]), hostile, str)
    outside_code = re.sub(r"(?<!\\)`[^`\n]*`", "", re.sub(r"(?ms)^```sh$.*?^```$", "", notes))
    assert not re.search(r"(?<!\\)<", outside_code)
