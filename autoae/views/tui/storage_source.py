"""The monitor's source: a storage, and the run folders where they are on this machine."""

from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import resource_tracker
from typing import Protocol

from autoae.analysis.best import best_trials
from autoae.spec.errors import UserError
from autoae.spec.reading import study_from_text
from autoae.store.attributes import SPEC
from autoae.store.leases import is_lost
from autoae.store.listing import StudyListing, study_list
from autoae.store.runs import run_root
from autoae.store.snapshot import StudyReading, StudySnapshot, TrialSnapshot
from autoae.store.studies import check_format
from autoae.store.tables import TableReader, has_known_tables
from autoae.store.urls import shown_url
from autoae.views.tui.files import RunFiles
from autoae.views.tui.knobs import KnobsProcess
from autoae.views.tui.memory import kept_for_long
from autoae.views.tui.source import Knobs, Live, Question, StudyView, TrialFiles


class Reader(Protocol):
    """Reads one study, again and again."""

    def read(self) -> StudyReading:
        """The study as it stands now."""

    def close(self) -> None:
        """Let go of the storage."""


class StorageSource:
    """Reads one storage.

    Args:
        url: As `storage_url` gives it.
    """

    def __init__(self, url: str) -> None:
        self.place = shown_url(url)
        # Later it could not be started: the app takes the place of stderr.
        resource_tracker.ensure_running()
        self._url = url
        self._files = RunFiles(run_root(url))
        self._name = ""
        self._reader: Reader | None = None
        self._asked: tuple[str, Question] = ("", Question())
        self._best: tuple[int, TrialSnapshot | None] = (0, None)
        self._last: StudyView | None = None
        self._knobs: KnobsProcess | None = None

    def studies(self) -> tuple[StudyListing, ...]:
        """All studies, in the order of their creation."""
        return study_list(self._url)

    def study(self, name: str) -> StudyView:
        """One study; the same object where nothing has changed."""
        if name != self._name or self._reader is None:
            with kept_for_long():
                return self._read(self._open(name))
        return self._read(self._reader)

    def trial(self, study: StudyView, number: int) -> TrialFiles:
        """The files of a trial."""
        return self._files.of(study.snapshot, number)

    def knobs(self, study: StudyView) -> Knobs:
        """What mattered, computed in a process of its own: it takes seconds."""
        if self._knobs is None:
            self._knobs = KnobsProcess()
        return self._knobs.compute(self._url, study.snapshot.name)

    def close(self) -> None:
        """Let go of the storage."""
        for each in (self._reader, self._knobs):
            if each is not None:
                each.close()

    def _open(self, name: str) -> Reader:
        if self._reader is not None:
            self._reader.close()
        self._name, self._last, self._best = name, None, (0, None)
        self._reader = _reader(self._url, name)
        return self._reader

    def _read(self, reader: Reader) -> StudyView:
        reading = reader.read()
        check_format(reading.snapshot.name, reading.attributes)
        view = self._view(reading)
        if self._last is None or view != self._last:
            self._last = view
        return self._last

    def _view(self, reading: StudyReading) -> StudyView:
        snapshot = reading.snapshot
        counts = _counts(snapshot)
        running = snapshot.of_state("RUNNING") if counts.get("RUNNING") else ()
        lost = frozenset(t.number for t in running if t.lease is not None and is_lost(t.lease))
        done = len(snapshot.counted)
        return StudyView(
            snapshot=snapshot,
            question=self._question(reading),
            state=_state(reading, len(running) - len(lost), done),
            live=self._live(snapshot, running),
            lost=lost,
            best=self._best_of(snapshot, counts.get("COMPLETE", 0)),
            counts=counts,
            done=done,
            log=self._files.log(snapshot.name),
        )

    def _live(self, study: StudySnapshot, running: tuple[TrialSnapshot, ...]) -> Mapping[int, Live]:
        found = {trial.number: self._files.live(study.name, trial.number) for trial in running}
        return {number: live for number, live in found.items() if live is not None}

    def _question(self, reading: StudyReading) -> Question:
        text = reading.attributes.get(SPEC)
        if not isinstance(text, str):
            return Question()
        if text != self._asked[0]:
            self._asked = text, _read_question(text, reading.snapshot.name)
        return self._asked[1]

    def _best_of(self, snapshot: StudySnapshot, complete: int) -> TrialSnapshot | None:
        # It only changes where another trial is complete.
        if complete != self._best[0]:
            self._best = complete, next(iter(best_trials(snapshot, 1)), None)
        return self._best[1]


def _reader(url: str, name: str) -> Reader:
    if has_known_tables(url):
        return TableReader(url, name)
    from autoae.store.elsewhere import ProcessReader

    return ProcessReader(url, name)


def _read_question(text: str, name: str) -> Question:
    with suppress(UserError):
        spec = study_from_text(text, name=name, source=f"study {name}")
        return Question(
            text=" ".join(spec.settings.description.split()),
            domains=spec.domains(),
            searched=not (spec.is_list or spec.is_ablation),
            method=spec.settings.search.method,
        )
    return Question(text="its study file is of another version")


def _counts(snapshot: StudySnapshot) -> dict[str, int]:
    counts: dict[str, int] = {}
    for trial in snapshot.trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    return counts


def _state(reading: StudyReading, alive: int, done: int) -> str:
    if reading.snapshot.paused is not None:
        return "paused"
    if alive:
        return "running"
    return "done" if done >= reading.snapshot.budget else "idle"
