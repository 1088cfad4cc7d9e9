"""What is brought up to date, when, and what is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna_dashboard import get_note

from autoae.store.dashboard import Artifacts, Showcase
from autoae.store.runs import artifact_folder, run_root, trial_folder
from autoae.store.snapshot import StudySnapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study, study_spec
from autoae.views.dashboard.publish import Place, Publisher
from tests.stored import store
from tests.studies import searched, spec


class _Case:
    def __init__(self, url: str, study: StudySnapshot) -> None:
        self.snapshot, self.root = study, run_root(url)
        self.storage = open_storage(url)
        self.study = load_study(self.storage, study.name)
        self.artifacts = Artifacts(artifact_folder(self.root))

    def publisher(self, best: int = 3) -> Publisher:
        def command(words: str) -> str:
            return f"autoae {words}"

        place = Place(self.storage, self.study, study_spec(self.study), self.root, command)
        return Publisher(place, best)

    def publish(self, publisher: Publisher | None = None) -> list[str]:
        """Do every step; says their kinds."""
        kinds = list[str]()
        for step in (publisher or self.publisher()).steps():
            step.do()
            kinds.append(step.kind)
        return kinds

    def best(self, count: int) -> list[int]:
        complete = self.snapshot.of_state("COMPLETE")
        ranked = sorted(complete, key=lambda trial: (-trial.values[0], trial.number))
        return [trial.number for trial in ranked[:count]]

    def pictured(self) -> list[int]:
        shown = Showcase(self.storage, self.study.study_name, self.artifacts)
        return [t.number for t in self.study.get_trials() if shown.has_pictures(t.number)]

    def attributes(self) -> dict[str, object]:
        found: dict[str, object] = self.storage.get_study_system_attrs(self.study._study_id)
        return found


@contextmanager
def _case(tmp_path: Path, trials: int = 12) -> Iterator[_Case]:
    url, file = f"sqlite:///{tmp_path}/autoae.db", spec()
    study = searched(file, trials=trials)
    store(url, file, study)
    case = _Case(url, study)
    yield case
    close_storage(case.storage)


def test_the_best_trials_carry_pictures_and_every_trial_a_note(tmp_path: Path) -> None:
    with _case(tmp_path) as case:
        kinds = case.publish()
        assert kinds == ["notes", "plots", "pictures", "pictures", "pictures", "effects"]
        assert case.pictured() == sorted(case.best(3))
        assert len(list(case.artifacts.folder.iterdir())) == 3 * 4
        kept = case.attributes()
        assert sum(name.endswith(":note_ver") for name in kept) == 12 + 1
        assert "Which knobs of a small hybrid" in get_note(case.study)


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    with _case(tmp_path) as case:
        case.publish()
        before, files = case.attributes(), sorted(case.artifacts.folder.iterdir())
        again = case.publisher()
        assert case.publish(again) == [
            "notes",
            "plots",
            "pictures",
            "pictures",
            "pictures",
            "effects",
        ]
        assert case.attributes() == before
        assert sorted(case.artifacts.folder.iterdir()) == files
        assert case.publish(again) == ["notes"]


def test_plots_are_drawn_again_when_a_running_study_has_grown_by_a_quarter(tmp_path: Path) -> None:
    with _case(tmp_path) as case:
        publisher = case.publisher()
        case.publish(publisher)
        running = case.study.ask()
        done = optuna.trial.create_trial(value=0.1)
        case.study.add_trials([done] * 2)
        assert "plots" not in case.publish(publisher)
        case.study.add_trials([done] * 2)
        assert "plots" in case.publish(publisher)
        case.study.add_trial(done)
        assert "plots" not in case.publish(publisher)
        case.study.tell(running, 0.1)
        assert "plots" in case.publish(publisher)


def test_any_trial_can_be_drawn_on_demand(tmp_path: Path) -> None:
    with _case(tmp_path) as case:
        case.publish()
        last = case.best(100)[-1]
        assert len(case.publisher().publish(last)) == 4
        assert last in case.pictured()
        for _ in range(2):
            case.publisher().publish(last)
        assert len(list(case.artifacts.folder.iterdir())) == 4 * 4


def test_pictures_that_are_gone_are_drawn_again_or_no_longer_shown(tmp_path: Path) -> None:
    with _case(tmp_path) as case:
        case.publish()
        first, second, _ = case.best(3)
        for file in case.artifacts.folder.iterdir():
            file.unlink()
        left = trial_folder(case.root, case.study.study_name, second)
        for file in (left.arrays, left.metrics):
            file.unlink()
        case.publish()
        assert first in case.pictured()
        assert second not in case.pictured()
        kept = case.attributes()
        identity = case.study.get_trials()[second]._trial_id
        prefix = f"dashboard:artifacts:{identity}:"
        assert {kept[name] for name in kept if name.startswith(prefix)} == {"null"}
