"""A source that gives what a test puts into it, and actions that only take notes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event
from typing import Any

import numpy as np
from textual.pilot import Pilot

from autoae.analysis.best import best_trials
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError, UserError
from autoae.spec.study import StudySpec
from autoae.store.attributes import SPEC
from autoae.store.leases import Lease
from autoae.store.listing import StudyListing
from autoae.store.snapshot import StudyReading, StudySnapshot, TrialSnapshot
from autoae.views.tui.app import Monitor
from autoae.views.tui.knobs import compute_knobs
from autoae.views.tui.source import Knobs, Layer, Live, Question, StudyView, TrialFiles
from tests.snapshots import START
from tests.studies import searched, spec

NOW = (START + timedelta(minutes=10)).timestamp()
"""The clock of every test stands still."""

PATIENCE = 120.0


def view_of(
    snapshot: StudySnapshot, study: StudySpec | None = None, *, state: str = "running"
) -> StudyView:
    """A study as a source gives it."""
    counts: dict[str, int] = {}
    for trial in snapshot.trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    file = study or spec()
    return StudyView(
        snapshot=snapshot,
        question=Question(file.settings.description.strip(), file.domains(), True, "tpe"),
        state=state,
        live={},
        lost=frozenset(),
        best=next(iter(best_trials(snapshot, 1)), None),
        counts=counts,
        done=len(snapshot.counted),
    )


def lease(worker: int, age: float) -> Lease:
    """Of a worker that was last seen so many seconds ago."""
    return Lease(worker, "bench", 4100 + worker, 1.0, 4000, 1.0, NOW - age)


def busy() -> StudyView:
    """A search of 30 trials, of which three are running: well, silent, and lost."""
    study = searched(spec())
    trials = list(study.trials)
    running = next(trial for trial in trials if trial.state == "RUNNING")
    for worker, age in ((0, 4), (1, 90), (2, 4000)):
        number = len(trials)
        trials.append(replace(running, number=number, lease=lease(worker, age), epochs=4 + worker))
    trials[running.number] = replace(running, state="FAIL", reason="the worker died (signal 9)")
    curve = tuple((epoch, 9000.0 + epoch) for epoch in range(1, 5))
    live = Live("cpu", {"samples_per_second": curve})
    made = view_of(replace(study, trials=tuple(trials)))
    lost = frozenset({len(trials) - 1})
    return replace(made, live={len(trials) - 3: live}, lost=lost)


def files() -> TrialFiles:
    """What a run folder holds, small and always the same."""
    random = np.random.default_rng(1)
    originals = random.integers(0, 255, (4, 1, 8, 8), dtype=np.uint8)
    epochs = range(1, 9)
    return TrialFiles(
        folder="/runs/hybrid/3",
        curves={
            "val_accuracy": tuple((epoch, 1 - 0.5**epoch) for epoch in epochs),
            "train_loss": tuple((epoch, 1 / epoch) for epoch in epochs),
        },
        layers=(
            Layer("input", "", "1×8×8", 0),
            Layer("encoder", "C(16)", "16×4×4", 160),
            Layer("latent", "L'(8)", "8", 2056),
            Layer("head", "L'(10)", "10", 90),
        ),
        confusion=np.eye(10, dtype=np.int64) * 29 + 1,
        originals=originals,
        reconstructions=255 - originals,
        environment={"device_name": "a processor", "precision": "float32"},
    )


@dataclass
class FakeSource:
    """Gives a view; a test may change it, let it fail, or hold it up.

    Attributes:
        view: What `study` gives.
        failure: What it raises instead.
        gate: Reading waits until it is set.
        reads: How often a study was read.
    """

    view: StudyView = field(default_factory=busy)
    failure: Exception | None = None
    gate: Event = field(default_factory=Event)
    reads: int = 0
    place: str = "sqlite:///storage/autoae.db"
    _given: tuple[StudyView, StudyView] | None = None

    def __post_init__(self) -> None:
        self.gate.set()

    def studies(self) -> tuple[StudyListing, ...]:
        """The one study, and two others."""
        self._wait()
        objectives = (("val_accuracy", "maximize"),)
        best, counts = self.view.best, self.view.counts
        value = best.values[0] if best else None
        mine = StudyListing(
            self.view.snapshot.name, objectives, counts, 2, self.view.done, 40, value, START, False
        )
        other = StudyListing("cifar", objectives, {"COMPLETE": 9}, 0, 9, 9, 0.61, START, False)
        paused = StudyListing("later", objectives, {}, 0, 0, 20, None, None, True)
        return mine, other, paused

    def study(self, name: str) -> StudyView:
        """The view, whatever the name."""
        self._wait()
        self.reads += 1
        if self._given is None or self._given[0] is not self.view:
            named = replace(self.view, snapshot=replace(self.view.snapshot, name=name))
            self._given = self.view, named
        return self._given[1]

    def trial(self, study: StudyView, number: int) -> TrialFiles:
        """The same files for every trial."""
        del study, number
        self._wait()
        return files()

    def knobs(self, study: StudyView) -> Knobs:
        """Really computed."""
        reading = StudyReading(study.snapshot, {SPEC: spec().to_text()})
        return compute_knobs(reading, "hybrid")

    def close(self) -> None:
        """Nothing."""

    def _wait(self) -> None:
        assert self.gate.wait(PATIENCE)
        if self.failure is not None:
            raise self.failure

    def add(self, trial: TrialSnapshot) -> None:
        """Another trial has come."""
        snapshot = self.view.snapshot
        self.view = view_of(replace(snapshot, trials=(*snapshot.trials, trial)))


@dataclass
class FakeActions:
    """Notes what is asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    failure: UserError | None = None

    def pause(self, study: str) -> str:
        """Note it."""
        return self._note("pause", study)

    def stop(self, study: str) -> str:
        """Note it."""
        return self._note("stop", study)

    def prune(self, study: str, number: int) -> str:
        """Note it."""
        return self._note("prune", study, number)

    def retry(self, study: str, number: int) -> str:
        """Note it."""
        return self._note("retry", study, number)

    def vary(self, study: str, number: int, changes: Mapping[str, Value]) -> str:
        """Note it; a learning rate above 1 is not allowed."""
        if changes.get("training.lr") == 9:
            raise SpecError("9 is more than 0.1", key="training.lr")
        return self._note("vary", study, number, dict(changes))

    def note(self, study: str, number: int | None, text: str) -> str:
        """Note it."""
        return self._note("note", study, number, text)

    def reproduce(self, study: str, number: int) -> str:
        """As the real one."""
        return f"autoae model train --from {study}:{number}"

    def dashboard(self) -> str:
        """Note it."""
        return self._note("dashboard")

    def close(self) -> None:
        """Nothing."""

    def _note(self, *what: Any) -> str:
        if self.failure is not None:
            raise self.failure
        self.asked.append(what)
        return " ".join(map(str, what))


def monitor(
    source: FakeSource,
    *,
    study: str | None = "hybrid",
    actions: FakeActions | None = None,
    seconds: float = 0.1,
) -> Monitor:
    """The app on a source, with a clock that stands still."""
    return Monitor(source, study=study, actions=actions, clock=lambda: NOW, seconds=seconds)


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait until something is true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < end, "it never came true"
        await asyncio.sleep(0.01)
    await pilot.pause()


def text_of(app: Monitor) -> str:
    """What stands on the screen."""
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()
    )
