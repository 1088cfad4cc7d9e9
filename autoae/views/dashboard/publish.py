"""Keep what the dashboard shows of one study up to date, in steps that each take a moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autoae.analysis.best import best_trials
from autoae.spec.study import StudySpec
from autoae.store.dashboard import Artifacts, Showcase
from autoae.store.runs import artifact_folder
from autoae.store.snapshot import FINISHED, StudySnapshot, TrialSnapshot
from autoae.store.snapshot_reader import SnapshotReader
from autoae.views.dashboard.figures import effect_figures, study_figures
from autoae.views.dashboard.notes import Command, study_note, trial_note
from autoae.views.dashboard.pictures import trial_pictures
from autoae.views.report.runs import Folders

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from plotly.graph_objects import Figure

BEST = 20
"""The best trials of a study carry pictures; so many of them unless a person says otherwise."""

NOTED = 1000
"""So many trials of a study carry a note, and those with pictures: the dashboard looks through all
notes for each trial that it shows."""

_GROWTH = 1.25
"""Plots are drawn again when there are so many times as many trials as in them."""

Kind = Literal["notes", "plots", "pictures", "effects"]


@dataclass(frozen=True)
class Step:
    """Something that is out of date.

    Attributes:
        kind: What it is; steps of a kind take about as long as each other.
        do: Brings it up to date.
    """

    kind: Kind
    do: Callable[[], None]


@dataclass(frozen=True)
class Place:
    """Where a study is, and where its files are.

    Attributes:
        storage: As `open_storage` gives it.
        study: Of this storage.
        spec: The study file in force.
        root: Of all run folders.
        command: Makes commands that name this storage.
        alone: Whether nobody keeps files of the same storage on another machine.
    """

    storage: "BaseStorage"
    study: "Study"
    spec: StudySpec
    root: Path
    command: Command
    alone: bool = True


class Publisher:
    """Draws a study, and writes what it draws where the dashboard finds it.

    Everything has a place of its own: done again, it replaces what was there.

    Args:
        place: The study.
        best: How many of its best trials get pictures.
    """

    def __init__(self, place: Place, best: int = BEST) -> None:
        self._place, self._best = place, best
        name = place.study.study_name
        self._reader = SnapshotReader(place.study)
        self._folders = Folders(place.root, name)
        self._artifacts = Artifacts(artifact_folder(place.root))
        self._showcase = Showcase(place.storage, name, self._artifacts)
        self._noted = set[int]()
        self._pictured = set[int]()
        self._plotted = self._compared = -1

    def steps(self) -> Iterator[Step]:
        """What is out of date now, the most telling first."""
        study = self._reader.read()
        self._showcase.refresh()
        ended = len(_ended(study))
        complete = len(study.of_state("COMPLETE"))
        # Where nothing runs, nothing will change soon: then a little growth counts too.
        growth = _GROWTH if study.of_state("RUNNING") else 1.0
        yield Step("notes", partial(self._notes, study))
        if ended > self._plotted and ended >= growth * self._plotted:
            yield Step("plots", partial(self._plots, study))
        for trial in best_trials(study, self._best):
            if trial.number not in self._pictured:
                yield Step("pictures", partial(self._pictures, study, trial))
        if complete > self._compared and complete >= growth * self._compared:
            yield Step("effects", partial(self._effects, study))

    def publish(self, number: int) -> list[str]:
        """Draw the pictures of a trial, whatever is there; says their names.

        Args:
            number: Of the trial.
        """
        study = self._reader.read()
        trial = study.trials[number]
        pictures = trial_pictures(self._folders, study, trial)
        self._showcase.pictures(number, pictures)
        if trial in _ended(study):
            self._showcase.note(trial_note(study, trial, self._place.command), number)
        self._showcase.write()
        return [picture.name for picture in pictures]

    def _notes(self, study: StudySnapshot) -> None:
        command, place = self._place.command, self._place
        self._showcase.note(study_note(study, place.spec, command))
        for trial in _ended(study)[:NOTED]:
            if trial.number not in self._noted:
                self._showcase.note(trial_note(study, trial, command), trial.number)
                self._noted.add(trial.number)
        self._showcase.write()

    def _plots(self, study: StudySnapshot) -> None:
        self._show(study_figures(study))
        self._plotted = len(_ended(study))

    def _effects(self, study: StudySnapshot) -> None:
        # A second of imports, which no other step needs.
        from autoae.analysis.effects import effects

        domains = self._place.spec.domains()
        for aim in study.objectives:
            ledger = effects(study, domains, metric=aim.metric)
            if ledger.problem is None:
                self._show(effect_figures(ledger, aim.metric))
        self._compared = len(study.of_state("COMPLETE"))

    def _show(self, figures: "Iterator[tuple[str, Figure]]") -> None:
        for name, figure in figures:
            self._showcase.plot(name, figure.to_json())
        self._showcase.write()

    def _pictures(self, study: StudySnapshot, trial: TrialSnapshot) -> None:
        self._pictured.add(trial.number)
        if self._showcase.has_pictures(trial.number):
            return
        self._showcase.pictures(trial.number, trial_pictures(self._folders, study, trial))
        if self._place.alone:
            # What neither is there nor can be drawn would show as a broken picture.
            self._showcase.forget_gone(trial.number)
        if trial.number not in self._noted:
            self._showcase.note(trial_note(study, trial, self._place.command), trial.number)
            self._noted.add(trial.number)
        self._showcase.write()


def _ended(study: StudySnapshot) -> list[TrialSnapshot]:
    return [trial for trial in study.trials if trial.state in FINISHED]
