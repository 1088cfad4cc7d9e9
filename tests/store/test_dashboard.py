"""What is written for optuna-dashboard, read with its own functions."""

import json
import warnings
from pathlib import Path

import optuna
import pytest
from optuna_dashboard import get_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from optuna_dashboard._note import get_note_from_system_attrs
from optuna_dashboard.artifact._backend import list_trial_artifacts

from autoae.store.dashboard import Artifacts, Picture, Showcase
from autoae.store.notes import with_section
from autoae.store.runs import artifact_folder
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import delete_study
from autoae.store.writing import write_study_attributes
from tests.store.postgres import needs_postgres, server

PICTURE = Picture("curves.svg", "image/svg+xml", b"<svg/>")


class _Case:
    """A storage with a study of three trials, the last of them running."""

    def __init__(self, url: str, folder: Path) -> None:
        self.storage = open_storage(url)
        self.study = optuna.create_study(storage=self.storage, study_name="small")
        self.study.add_trials([optuna.trial.create_trial(value=1.0)] * 2)
        self.study.ask()
        self.artifacts = Artifacts(artifact_folder(folder / "runs"))
        self.shown = Showcase(self.storage, "small", self.artifacts)

    def attributes(self) -> dict[str, object]:
        found: dict[str, object] = self.storage.get_study_system_attrs(self.study._study_id)
        return found

    def note_of(self, number: int) -> str:
        identity = self.study.get_trials()[number]._trial_id
        body: str = get_note_from_system_attrs(self.attributes(), identity)["body"]
        return body

    def artifacts_of(self, number: int) -> list[dict[str, str]]:
        trial = self.study.get_trials()[number]
        found: list[dict[str, str]] = list_trial_artifacts(self.attributes(), {}, trial)
        return found


@pytest.fixture
def case(tmp_path: Path) -> _Case:
    return _Case(f"sqlite:///{tmp_path}/autoae.db", tmp_path)


def _check_everything(case: _Case) -> None:
    for words in ("first", "second " * 5000):
        case.shown.note(words)
        case.shown.note(f"trial: {words}", 1)
        case.shown.plot("front", json.dumps({"data": words}))
        case.shown.pictures(1, [PICTURE])
        case.shown.write()
        case.shown.refresh()
    assert "second second" in get_note(case.study)
    assert case.note_of(1).count("trial: ") == 1
    assert case.note_of(0) == ""
    assert get_plotly_graph_objects(case.attributes()) == {
        "front": json.dumps({"data": "second " * 5000})
    }
    (shown,) = case.artifacts_of(1)
    assert shown["filename"] == "curves.svg"
    with case.artifacts.open_reader(shown["artifact_id"]) as file:
        assert file.read() == b"<svg/>"


def test_the_dashboard_reads_what_was_written_and_all_of_it_is_replaced(case: _Case) -> None:
    _check_everything(case)


@needs_postgres
@pytest.mark.slow
def test_the_same_on_a_server(tmp_path: Path) -> None:
    with server() as url:
        case = _Case(url, tmp_path)
        _check_everything(case)
        close_storage(case.storage)


def test_a_shorter_plot_leaves_nothing_of_a_longer_one(case: _Case) -> None:
    for text in ("[" + "1," * 40_000 + "1]", "[1]"):
        case.shown.plot("front", text)
        case.shown.write()
        assert get_plotly_graph_objects(case.attributes()) == {"front": text}


def test_writing_the_same_again_writes_nothing(
    case: _Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def count(storage: object, study: int, attributes: dict[str, str | int]) -> None:
        written.append(len(attributes))
        write_study_attributes(case.storage, study, attributes)

    monkeypatch.setattr("autoae.store.dashboard.write_study_attributes", count)
    for _ in range(2):
        case.shown.note("words")
        case.shown.plot("front", "{}")
        case.shown.pictures(0, [PICTURE])
        case.shown.write()
    assert written == [4, 0]


def test_what_people_write_into_a_note_stays(case: _Case) -> None:
    case.shown.note("ours", 0)
    case.shown.write()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optuna_dashboard._note import save_note_with_version

        identity = case.study.get_trials()[0]._trial_id
        edited = case.note_of(0) + "\n\nmine, with [//]: # (a mark)"
        save_note_with_version(case.storage, case.study._study_id, identity, 2, edited)
    case.shown.refresh()
    case.shown.note("ours anew", 0)
    case.shown.write()
    assert "mine, with" in case.note_of(0)
    assert "ours anew" in case.note_of(0)
    assert case.note_of(0).count("ours") == 1


def test_a_section_is_replaced_wherever_it_stands() -> None:
    once = with_section("before", "ours")
    twice = with_section(f"on top\n\n{once}", "ours again")
    assert [word in twice for word in ("on top", "before", "ours again")] == [True] * 3
    assert twice.count("ours") == 1
    assert with_section(twice, "ours again") == twice


def test_pictures_whose_files_are_gone_are_noticed_and_forgotten(case: _Case) -> None:
    case.shown.pictures(0, [PICTURE])
    case.shown.write()
    assert case.shown.has_pictures(0)
    assert not case.shown.has_pictures(1)
    (shown,) = case.artifacts_of(0)
    case.artifacts.remove(shown["artifact_id"])
    case.artifacts.remove(shown["artifact_id"])  # As the dashboard does on deleting a study.
    assert not case.shown.has_pictures(0)
    assert case.shown.forget_gone(0) == 1
    case.shown.write()
    assert case.artifacts_of(0) == []


def test_deleting_a_study_removes_its_pictures_and_those_of_others_stay(
    case: _Case, tmp_path: Path
) -> None:
    other = optuna.create_study(storage=case.storage, study_name="other")
    other.add_trial(optuna.trial.create_trial(value=1.0))
    others = Showcase(case.storage, "other", case.artifacts)
    for shown in (case.shown, others):
        shown.pictures(0, [PICTURE])
        shown.write()
    uploaded = tmp_path / "mine.txt"
    uploaded.write_text("mine")
    case.artifacts.folder.mkdir(exist_ok=True)
    optuna.artifacts.upload_artifact(
        artifact_store=case.artifacts, file_path=str(uploaded), study_or_trial=case.study
    )
    assert len(list(case.artifacts.folder.iterdir())) == 3
    delete_study(case.storage, "small", tmp_path / "runs")
    assert len(list(case.artifacts.folder.iterdir())) == 1
    assert others.has_pictures(0)
