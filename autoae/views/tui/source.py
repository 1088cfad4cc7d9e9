"""What the monitor shows, as frozen data, and who gives it.

Nothing here knows Textual or a database: tests give the app a source of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autoae.analysis.importance import Importance
from autoae.analysis.ledger import Ledger
from autoae.spec.domains import Domain
from autoae.spec.metrics import Direction
from autoae.store.listing import StudyListing
from autoae.store.log import LogLine
from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot

Curves = Mapping[str, Curve]
"""By metric: epoch and value."""


@dataclass(frozen=True)
class Live:
    """What the run folder says of a trial that runs on this machine.

    Attributes:
        device: Where it is trained; empty where that is not known.
        curves: Every metric of every epoch so far.
    """

    device: str
    curves: Curves


@dataclass(frozen=True)
class Question:
    """What the study file says.

    Attributes:
        text: The description.
        domains: Every parameter that can occur, by name; empty for a study of another program.
        searched: Whether a sampler chooses: importance means nothing of a list.
        method: How the study searches.
    """

    text: str = ""
    domains: Mapping[str, Domain] = field(default_factory=dict)
    searched: bool = True
    method: str = ""


@dataclass(frozen=True)
class StudyView:
    """A study at one moment.

    Attributes:
        snapshot: Its trials.
        question: From its study file.
        state: running, paused, stopping, idle or done.
        live: By the number of a running trial.
        lost: Running trials that nobody will finish.
        best: The best complete trial, by the first objective.
        counts: Trials by state, in Optuna's words.
        done: How many use up the budget.
        log: What its runs on this machine had to say beside that, oldest first.
    """

    snapshot: StudySnapshot
    question: Question
    state: str
    live: Mapping[int, Live]
    lost: frozenset[int]
    best: TrialSnapshot | None
    counts: Mapping[str, int]
    done: int
    log: tuple[LogLine, ...] = ()

    @property
    def running(self) -> tuple[TrialSnapshot, ...]:
        """The trials in training, and those whose coordinator died in it."""
        return self.snapshot.of_state("RUNNING")

    @property
    def objective(self) -> str:
        """The first metric that is optimised."""
        return self.snapshot.objectives[0].metric

    @property
    def direction(self) -> Direction:
        """Which way the first one is better."""
        return self.snapshot.objectives[0].direction


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        part: encoder, latent, decoder or head.
        notation: As text.
        outputs: The shape that it gives, as text.
        params: Trainable numbers.
    """

    part: str
    notation: str
    outputs: str
    params: int


@dataclass(frozen=True, eq=False)
class TrialFiles:
    """What the run folder of a trial holds; empty where it is on another machine.

    Attributes:
        folder: Where it is, or empty.
        curves: Every metric of every epoch.
        layers: Of its network.
        confusion: Counts of true by predicted class, or None.
        originals: uint8, (K, C, H, W), or None.
        reconstructions: The same shape, or None.
        environment: Device, versions, seed.
        error: The traceback of a defect.
        problem: Why there is nothing to see; else empty.
    """

    folder: str = ""
    curves: Curves = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    confusion: NDArray[np.int64] | None = None
    originals: NDArray[np.uint8] | None = None
    reconstructions: NDArray[np.uint8] | None = None
    environment: Mapping[str, object] = field(default_factory=dict)
    error: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Knobs:
    """What mattered.

    Attributes:
        complete: How many complete trials it rests on.
        importances: One for each objective; none for lists and ablations.
        ledger: Effects with intervals and verdicts.
    """

    complete: int
    importances: tuple[Importance, ...]
    ledger: Ledger


class StudySource(Protocol):
    """Where the monitor reads; each method may take its time, and is called in a thread."""

    place: str
    """What is read, for the status bar."""

    def studies(self) -> tuple[StudyListing, ...]:
        """All studies, in the order of their creation."""

    def study(self, name: str) -> StudyView:
        """One study; the same object where nothing has changed."""

    def trial(self, study: StudyView, number: int) -> TrialFiles:
        """The files of a trial."""

    def knobs(self, study: StudyView) -> Knobs:
        """What mattered; takes seconds."""

    def close(self) -> None:
        """Let go of the storage."""
