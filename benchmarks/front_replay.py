"""Searches replayed from a table of trained configurations, and what they were worth.

A replay is a random search of one worker: configurations come in a random order, each is trained
epoch by epoch, and at every rung a rule decides from the trials before it alone. Nothing is
trained; seconds and values are those of the table.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from front_rules import Entry, Rule
from front_table import Row
from numpy.typing import NDArray

from autoae.search.pruners import powers

REFERENCES = {"digits": (500_000, 0.1), "mnist-cae": (1_000_000, 0.1)}
"""The point from which hypervolume is measured: the limit of parameters, and an MSE a little
above that of the mean image."""


@dataclass(frozen=True)
class Past:
    """A trial of a replay.

    Attributes:
        row: Its configuration.
        epochs: That it began.
    """

    row: Row
    epochs: int

    @property
    def ended(self) -> bool:
        """Whether nothing ended it early; then it is complete, or has failed."""
        return self.epochs == len(self.row.seconds)

    @property
    def final(self) -> float | None:
        """The value of a complete trial."""
        return self.row.value if self.ended else None


@dataclass(frozen=True)
class Path:
    """What a search had found, and when.

    Attributes:
        seconds: After each trial, float64, (trials,).
        volumes: The hypervolume then, float64, (trials,).
    """

    seconds: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def at(self, seconds: float) -> float:
        """The hypervolume after so much training; that of the end where the search was shorter."""
        place = int(np.searchsorted(self.seconds, seconds, side="right"))
        return float(self.volumes[place - 1]) if place else 0.0

    def reaches(self, volume: float) -> float:
        """The seconds until a hypervolume; infinite where it is never reached."""
        there = np.flatnonzero(self.volumes >= volume)
        return float(self.seconds[there[0]]) if len(there) else math.inf


def replay(rows: Iterable[Row], rule: Rule) -> Path:
    """Search through configurations of one space in their order."""
    past, found = list[Past](), list[tuple[int, float]]()
    spent, seconds, volumes = 0.0, list[float](), list[float]()
    for row in rows:
        trial = _train(row, rule, past)
        spent += sum(row.seconds[: trial.epochs])
        if trial.final is not None:
            found.append((row.params, trial.final))
        if trial.final is not None or not trial.ended:
            past.append(trial)
        seconds.append(spent)
        volumes.append(hypervolume(found, REFERENCES[row.space]))
    return Path(np.array(seconds), np.array(volumes))


def hypervolume(points: Iterable[tuple[int, float]], reference: tuple[float, float]) -> float:
    """The area in log parameters and log MSE that points dominate, below a reference point.

    Zitzler and Thiele, "Multiobjective evolutionary algorithms: a comparative case study and the
    strength Pareto approach", IEEE Transactions on Evolutionary Computation 3 (1999).
    """
    right, top = map(math.log, reference)
    area = 0.0
    for params, mse in sorted(points):
        x, y = math.log(params), math.log(mse)
        if x < right and y < top:
            area += (right - x) * (top - y)
            top = y
    return area


def _train(row: Row, rule: Rule, past: Sequence[Past]) -> Past:
    """Train a configuration until the rule ends it."""
    for rung in sorted(powers(len(row.seconds))):
        own = Past(row, rung)
        others = [_at(each, rung) for each in past if each.epochs >= rung]
        if rule(_at(own, rung), others):
            return own
    return Past(row, len(row.seconds))


def _at(trial: Past, rung: int) -> Entry:
    return Entry((trial.row.params,), (trial.row.val_mse[rung - 1],), trial.final)


def orders(rows: Sequence[Row], seeds: int) -> Iterator[list[Row]]:
    """One random order of all configurations for each seed."""
    for seed in range(seeds):
        yield [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]
