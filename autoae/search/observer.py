"""What the coordinator tells whoever watches the study in its own process."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from autoae.spec.study import StudySpec


class Observer(Protocol):
    """Called by the coordinator, in its thread; what it does delays the study."""

    def study_started(self, spec: StudySpec, budget: int, done: int) -> None:
        """The run begins.

        Args:
            spec: The study file.
            budget: Trials over all runs and workers.
            done: How many of them are used up already.
        """

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """A network was built and accepted; its first epoch begins."""

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """A trial has trained one epoch (from 1) of the epochs that it may have."""

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """A trial has ended.

        Args:
            number: Of the trial; one that was refused never started.
            state: COMPLETE, PRUNED or FAIL.
            values: One for each objective, of a complete trial.
            reason: Why it was pruned, refused or failed.
        """

    def study_paused(self, paused: bool) -> None:
        """Somebody has paused the study, so that no trial starts, or has resumed it."""

    def log(self, message: str) -> None:
        """Something happened that a person may want to know."""


class SilentObserver:
    """Watches and says nothing; what a subclass wants to hear of it overrides."""

    def study_started(self, spec: StudySpec, budget: int, done: int) -> None:
        """Nothing."""

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """Nothing."""

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """Nothing."""

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """Nothing."""

    def study_paused(self, paused: bool) -> None:
        """Nothing."""

    def log(self, message: str) -> None:
        """Nothing."""


class Observers:
    """Several observers in the place of one.

    Args:
        observers: Told in this order.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def study_started(self, spec: StudySpec, budget: int, done: int) -> None:
        """Told to each."""
        for each in self._observers:
            each.study_started(spec, budget, done)

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """Told to each."""
        for each in self._observers:
            each.trial_started(number, notation, costs)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """Told to each."""
        for each in self._observers:
            each.epoch(number, epoch, epochs, metrics)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """Told to each."""
        for each in self._observers:
            each.trial_finished(number, state, values, reason)

    def study_paused(self, paused: bool) -> None:
        """Told to each."""
        for each in self._observers:
            each.study_paused(paused)

    def log(self, message: str) -> None:
        """Told to each."""
        for each in self._observers:
            each.log(message)
