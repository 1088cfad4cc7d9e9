"""Notes are those of optuna-dashboard, and what a person wrote is never lost."""

from pathlib import Path

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages import BaseStorage, InMemoryStorage
from optuna.trial import Trial
from optuna_dashboard import get_note, save_note

from autoae.spec.errors import SpecError
from autoae.store.commands import StudyCommands
from autoae.store.dashboard import Artifacts, Showcase
from autoae.store.notes import Notes
from autoae.store.studies import create_study
from tests.store.conftest import small


@pytest.fixture
def study(storage: BaseStorage) -> optuna.Study:
    study = create_study(storage, small())
    study.ask()
    return study


@given(st.lists(st.text(max_size=3000), min_size=1, max_size=3))
def test_the_dashboard_reads_what_is_written(texts: list[str]) -> None:
    storage = InMemoryStorage()
    study = optuna.create_study(storage=storage)
    notes = Notes(storage, study.study_name)
    shown = Showcase(storage, study.study_name, Artifacts(Path("unused")))
    for text in texts:
        shown.note(text)
        shown.write()
        assert get_note(study) == notes.read()
        assert text.strip() in notes.read()


def test_a_note_of_the_dashboard_is_added_to(study: optuna.Study, storage: BaseStorage) -> None:
    trial, notes = Trial(study, study.trials[0]._trial_id), Notes(storage, "small")
    save_note(trial, "x" * 5000)
    save_note(study, "of the study")
    assert notes.read(0) == "x" * 5000
    save_note(trial, "short")
    notes.add("and more", 0)
    assert get_note(trial) == notes.read(0) == "short\n\nand more"
    assert notes.read() == "of the study"


def test_what_is_written_anew_leaves_what_a_person_wrote(
    study: optuna.Study, storage: BaseStorage
) -> None:
    notes, shown = Notes(storage, "small"), Showcase(storage, "small", Artifacts(Path("unused")))
    for mine, theirs in (("mine", "first"), ("mine too", "second")):
        notes.add(mine, 0)
        shown.refresh()
        shown.note(theirs, 0)
        shown.write()
    assert notes.of_person(0) == "mine\n\nmine too"
    assert "second" in notes.read(0)
    assert "first" not in notes.read(0)
    assert notes.of_person() == ""
    assert get_note(Trial(study, study.trials[0]._trial_id)) == notes.read(0)


def test_an_empty_note_is_refused(study: optuna.Study, storage: BaseStorage) -> None:
    with pytest.raises(SpecError, match="empty"):
        StudyCommands(storage, study).note(" \n", 0)
    assert Notes(storage, "small").read(0) == ""
