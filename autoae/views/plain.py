"""Progress where nothing can be redrawn: one line for each trial that has finished."""

import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from autoae.views.board import Board, Question, Watched, pause_line
from autoae.views.numbers import cost, whole


class PlainView:
    """An observer that writes lines; it may stand where the Rich view would."""

    def __init__(self, stream: TextIO | None = None, board: Board | None = None) -> None:
        self._stream = stream or sys.stdout
        self._board = board or Board()

    def __enter__(self) -> "PlainView":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def study_started(self, spec: Question, budget: int, done: int) -> None:
        """Say what begins."""
        self._board.study_started(spec, budget, done)
        self._say(f"study {spec.name}: {done} of {budget} trials done")

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """Take it down; a line comes when it has finished."""
        self._board.trial_started(number, notation, costs)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """Take it down; a line comes when the trial has finished."""
        self._board.epoch(number, epoch, epochs, metrics)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """One line: number, state, value or reason, parameters, network."""
        trial = self._board.trial_finished(number, state, values, reason)
        budget = str(self._board.budget)
        place = f"{self._board.done:>{len(budget)}}/{budget}"
        parts = [place, f"trial {number:<3}", f"{trial.state:<8}"]
        self._say("  ".join([*parts, *_outcome(trial, self._names(), values, reason)]))

    def study_paused(self, paused: bool) -> None:
        """Say so."""
        self._board.paused = paused
        self._say(pause_line(paused))

    def log(self, message: str) -> None:
        """Pass on what the search has to say."""
        self._say(message)

    def _names(self) -> list[str]:
        return [objective.metric for objective in self._board.objectives]

    def _say(self, line: str) -> None:
        # A reader at the other end of a pipe sees each line as it comes.
        print(line, file=self._stream, flush=True)


def _outcome(
    trial: Watched, names: Sequence[str], values: Sequence[float], reason: str
) -> list[str]:
    known = dict(zip(names, values, strict=False)) if values else trial.metrics
    parts = [f"{name} {cost(name, known[name]):<7}" for name in names if name in known]
    if "params" in trial.costs:
        parts.append(f"params {whole(trial.costs['params']):<9}")
    return [part for part in (*parts, trial.notation, f"({reason})" if reason else "") if part]
