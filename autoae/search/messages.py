"""What coordinator and workers say to each other over their pipe.

A worker tells each epoch and goes on. Only at the epochs in `Train.rungs` does it wait for an
`Answer`; at every other epoch's end it merely looks whether one has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autoae.spec.config import Configuration
from autoae.spec.settings import Objective
from autoae.store.runs import RunFolder


@dataclass(frozen=True)
class Seat:
    """The place of a worker among those that share the GPUs of its machine.

    Attributes:
        index: From 0.
        workers: How many there are.
    """

    index: int = 0
    workers: int = 1


@dataclass(frozen=True)
class Train:
    """To a worker: train this.

    Attributes:
        number: Of the trial.
        configuration: What to train.
        folder: Where its files go.
        select: The metric that says which epoch is the best.
        rungs: The epochs after which to wait for an answer.
        limits: What the network may cost at most, by name.
        costs: What to record beside that which costs no time to know.
        tensorboard: Whether to write event files.
        parts: In how many a batch passes, to save memory.
        earlier: Where the trials that this one repeats left their files, the last one first.
        seat: Of the worker, as its pool knows it.
    """

    number: int
    configuration: Configuration
    folder: RunFolder
    select: Objective
    rungs: frozenset[int]
    limits: Mapping[str, float]
    costs: frozenset[str]
    tensorboard: bool = False
    parts: int = 1
    earlier: tuple[RunFolder, ...] = ()
    seat: Seat = Seat()


@dataclass(frozen=True)
class TrainStack:
    """To a worker: train these side by side, each of them with the same news as alone."""

    trains: tuple[Train, ...]


@dataclass(frozen=True)
class Answer:
    """To a worker: go on with the trial, or stop it at the end of this epoch."""

    number: int
    stop: bool


@dataclass(frozen=True)
class Ready:
    """From a worker: torch is loaded; on what kind of device it trains by default."""

    device: str = ""


@dataclass(frozen=True)
class Started:
    """From a worker: the network is accepted, this is what it costs, and where it is trained."""

    number: int
    notation: str
    costs: Mapping[str, float]
    device: str = ""


@dataclass(frozen=True)
class Resumed:
    """From a worker: a trial that repeats another one goes on where that one was lost.

    Attributes:
        number: Of the trial.
        epochs: How many need not be trained again.
        problem: Why none, where there is none.
    """

    number: int
    epochs: int
    problem: str = ""


@dataclass(frozen=True)
class Refused:
    """From a worker: the network breaks a limit or cannot be built."""

    number: int
    reason: str


@dataclass(frozen=True)
class Epoch:
    """From a worker: one epoch is done; `waits` says whether it waits for an answer."""

    number: int
    epoch: int
    metrics: Mapping[str, float]
    waits: bool


@dataclass(frozen=True)
class Finished:
    """From a worker: the training has ended.

    Attributes:
        number: Of the trial.
        epoch: The best epoch.
        epochs: How many were trained.
        metrics: Of the best epoch.
        costs: What was measured after training.
        stopped: Whether an answer stopped it.
    """

    number: int
    epoch: int
    epochs: int
    metrics: Mapping[str, float]
    costs: Mapping[str, float]
    stopped: bool


@dataclass(frozen=True)
class Unwritten:
    """What a worker could not write.

    Attributes:
        place: The file, or the folder that it was to be in.
        needed: Its bytes, as far as they are known.
        full: Whether its disk is full; else something forbids it.
    """

    place: Path
    needed: int = 0
    full: bool = True


@dataclass(frozen=True)
class Failed:
    """From a worker: the training could not be ended.

    Attributes:
        number: Of the trial.
        reason: One line.
        unwritten: The file that could not be written: no further trial could write its own either.
        out_of_memory: Whether it may fit in when its batches pass in parts.
        no_data: Whether its images could not be had.
    """

    number: int
    reason: str
    unwritten: Unwritten | None = None
    out_of_memory: bool = False
    no_data: bool = False


@dataclass(frozen=True)
class Said:
    """From a worker: something that a person may want to know."""

    message: str


class CoordinatorGoneError(Exception):
    """In a worker: nobody listens any more."""


Order = Train | TrainStack | Answer
News = Ready | Started | Resumed | Refused | Epoch | Finished | Failed | Said
