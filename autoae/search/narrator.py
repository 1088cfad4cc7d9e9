"""Writes down what a run has to tell, so that others can read it while it runs and afterwards."""

import socket
from collections.abc import Mapping, Sequence

from autoae.search.observer import SilentObserver
from autoae.spec.settings import Objective
from autoae.spec.study import StudySpec
from autoae.store.log import Event, StudyLog


class Narrator(SilentObserver):
    """An observer that writes the log of the study: a line or two a trial, none an epoch.

    Args:
        log: Of the study.
    """

    def __init__(self, log: StudyLog) -> None:
        self._log = log
        self._objectives: tuple[Objective, ...] = ()
        self._started: set[int] = set()

    def study_started(self, spec: StudySpec, budget: int, done: int) -> None:
        """A run begins."""
        self._objectives = spec.objectives
        host = socket.gethostname()
        self._log.append("run", f"a run begins on {host}: {done} of {budget} trials are done")

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """A trial begins."""
        self._started.add(number)
        params = f"{costs.get('params', 0):,.0f} parameters"
        self._log.append("started", f"{notation} ({params})", number)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """A trial has ended, with its values or its reason."""
        names = (objective.metric for objective in self._objectives)
        pairs = zip(names, values, strict=False)
        figures = ", ".join(f"{name} {value:.4g}" for name, value in pairs)
        self._log.append(self._event(number, state), figures or reason, number)
        self._started.discard(number)

    def study_paused(self, paused: bool) -> None:
        """Somebody has paused or resumed the study."""
        self._log.append("run", "paused" if paused else "resumed")

    def study_ended(self, because: str) -> None:
        """The run has ended, if it ever began."""
        if self._objectives:
            self._log.append("run", f"the run has ended: {because}")

    def log(self, message: str) -> None:
        """Anything else."""
        self._log.append("note", message)

    def _event(self, number: int, state: str) -> Event:
        if state == "COMPLETE":
            return "complete"
        if state == "FAIL":
            return "failed"
        return "pruned" if number in self._started else "refused"
