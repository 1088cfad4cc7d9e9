"""What has been seen of a running study: the observer's calls go in, facts to show come out."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autoae.spec.settings import Objective, Settings

INTERRUPTED = "interrupted"
"""The reason of trials that a run leaves behind; the next run trains them anew."""

_USE_THE_BUDGET = ("complete", "pruned", "failed")


class Question(Protocol):
    """What a view needs to know of a study file."""

    @property
    def name(self) -> str:
        """What the study is called."""

    @property
    def settings(self) -> Settings:
        """What the file says beside the network."""

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is optimised, the first first."""


@dataclass
class Watched:
    """A trial that somebody watches.

    Attributes:
        number: Of the trial.
        state: running, complete, pruned, refused, interrupted or failed.
        notation: Its network.
        costs: What is known before training, by name.
        epoch: Epochs done.
        epochs: Epochs that it may get.
        metrics: Of its last epoch, by name.
    """

    number: int
    state: str = "running"
    notation: str = ""
    costs: Mapping[str, float] = field(default_factory=dict)
    epoch: int = 0
    epochs: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)

    def known(self, name: str) -> float | None:
        """A metric of the last epoch, or a cost."""
        return self.metrics.get(name, self.costs.get(name))


@dataclass(frozen=True)
class Best:
    """The best value of one objective so far, and the trial that reached it."""

    value: float
    trial: Watched


class Board:
    """The state of a run, kept by the calls of an observer.

    Attributes:
        study: The question, once the study has started.
        budget: Trials over all runs.
        done: Trials over all runs that use up the budget; refused ones do not.
        states: Finished trials of this run, by state; those `refused` never started, those
            `interrupted` are queued again.
        paused: Whether the study is paused: running trials finish, none starts.
        running: The trials in training, by number.
        best: By metric, among the complete trials of this run.
        epochs: Epochs trained in this run.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.study: Question | None = None
        self.budget = 0
        self.done = 0
        self.states: Counter[str] = Counter()
        self.paused = False
        self.running: dict[int, Watched] = {}
        self.best: dict[str, Best] = {}
        self.epochs = 0
        self._clock = clock
        self._started = clock()

    def study_started(self, study: Question, budget: int, done: int) -> None:
        """Take down the question and how far earlier runs have come."""
        self.study, self.budget, self.done = study, budget, done
        self._started = self._clock()

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """A worker begins with a trial."""
        self.running[number] = Watched(number, notation=notation, costs=dict(costs))

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """A trial has finished an epoch."""
        trial = self.running.setdefault(number, Watched(number))
        trial.epoch, trial.epochs, trial.metrics = epoch, epochs, dict(metrics)
        self.epochs += 1

    def trial_finished(
        self, number: int, state: str, values: Sequence[float], reason: str
    ) -> Watched:
        """A trial has ended; returns what was known of it."""
        trial = self.running.get(number, Watched(number))
        trial.state = self._state(number, state, reason)
        self.running.pop(number, None)
        self.states[trial.state] += 1
        self.done += trial.state in _USE_THE_BUDGET
        if trial.state == "complete":
            self._compare(trial, values)
        return trial

    def _state(self, number: int, state: str, reason: str) -> str:
        word = state_word(state)
        if word == "pruned" and number not in self.running:
            return "refused"
        return INTERRUPTED if word == "failed" and reason == INTERRUPTED else word

    def _compare(self, trial: Watched, values: Sequence[float]) -> None:
        for objective, value in zip(self.objectives, values, strict=False):
            best = self.best.get(objective.metric)
            if best is None or better(value, best.value, objective):
                self.best[objective.metric] = Best(value, trial)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is optimised."""
        return self.study.objectives if self.study else ()

    @property
    def elapsed(self) -> float:
        """Seconds since this run began."""
        return self._clock() - self._started

    @property
    def finished(self) -> int:
        """Trials that this run has trained to their end, failed ones aside."""
        return self.states["complete"] + self.states["pruned"]

    @property
    def trials_per_hour(self) -> float | None:
        """Finished trials of this run per hour."""
        return self.finished / self.elapsed * 3600 if self.finished and self.elapsed else None

    @property
    def epochs_per_second(self) -> float | None:
        """Epochs of this run per second, over all workers."""
        return self.epochs / self.elapsed if self.epochs and self.elapsed else None

    def seconds_left(self, timeout: float | None = None) -> float | None:
        """Seconds until the budget is used up at this rate, or until the timeout."""
        rate = self.trials_per_hour
        by_rate = max(self.budget - self.done, 0) / rate * 3600 if rate else None
        by_clock = None if timeout is None else max(timeout - self.elapsed, 0.0)
        return min((t for t in (by_rate, by_clock) if t is not None), default=None)


def better(value: float, other: float, objective: Objective) -> bool:
    """Whether a value beats another one."""
    return value > other if objective.direction == "maximize" else value < other


def state_word(state: str) -> str:
    """Optuna's name of a state as a word: complete, pruned, failed, running, waiting."""
    word = state.lower()
    return "failed" if word == "fail" else word


def pause_line(paused: bool) -> str:
    """What a pause, or its end, means."""
    return "paused: running trials finish, no other starts" if paused else "resumed"
