"""Two ways to run the same search, each in a process of its own that is told what to run.

`way_autoae.py` is the whole stack; `way_plain.py` a script as people write it. Both answer with the
times of their trials, counted from the moment at which the first one began to train.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, TextIO

Name = Literal["autoae", "plain"]

HERE = Path(__file__).parent
CANNOT_BE_USED_UP = 1_000_000
"""Trials, where the clock ends a search."""


@dataclass(frozen=True)
class Order:
    """A search to run.

    Attributes:
        study: The study file, as text.
        url: Of the storage, an SQLite file.
        trials: How many to run.
        seconds: After how many no trial begins any more, counted from the first one's start.
        scored: Whether to score the best models so far on held-out images, when all is over.
        warm: Whether workers have torch loaded when they start, where that is not measured.
    """

    study: str
    url: str
    trials: int = CANNOT_BE_USED_UP
    seconds: float = float("inf")
    scored: bool = False
    warm: bool = False


@dataclass(frozen=True)
class Life:
    """One trial, in seconds since the first one began to train.

    Attributes:
        number: From 0.
        begun: When its worker had accepted it.
        epochs: When each of its epochs had ended.
        ended: When its end was written down.
        value: What it reached on the validation images; None where it was pruned.
        worker: Who trained it.
        training: Seconds that its epochs took by the clock of its worker, validation included.
    """

    number: int
    begun: float
    epochs: tuple[float, ...]
    ended: float
    value: float | None
    worker: int = 0
    training: float = 0.0


@dataclass(frozen=True)
class Answer:
    """How a search went.

    Attributes:
        lives: Its trials, in the order of their ends.
        cpu: CPU seconds from the first one's start to the last one's end, workers included.
        scores: Of each trial that was the best so far by validation: its number and what its
            model reaches on held-out images.
        memory: Bytes that each worker has for itself when the last trial has ended.
    """

    lives: tuple[Life, ...]
    cpu: float
    scores: dict[int, float]
    memory: tuple[int, ...] = ()

    @property
    def wall(self) -> float:
        """From the first trial's start to the last one's end, seconds."""
        return self.lives[-1].ended

    @classmethod
    def read(cls, line: str) -> Self:
        """As `answer` wrote it."""
        told: dict[str, Any] = json.loads(line)
        lives = [Life(**{**each, "epochs": tuple(each["epochs"])}) for each in told["lives"]]
        scores = {int(number): score for number, score in told["scores"].items()}
        return cls(tuple(lives), told["cpu"], scores, tuple(told["memory"]))


class Way:
    """One way, in its process, until it is closed.

    Args:
        name: Of its module.
        threads: Of torch in the plain script; as torch has it unless given.
    """

    def __init__(self, name: Name, threads: int | None = None) -> None:
        command = [sys.executable, str(HERE / f"way_{name}.py")]
        known = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **known},
        )

    def run(self, order: Order) -> Answer:
        """Run a search and wait for its end."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        print(json.dumps(asdict(order)), file=orders, flush=True)
        line = answers.readline()
        if not line:
            raise SystemExit(f"a search has ended with exit code {self._process.wait()}; see above")
        return Answer.read(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def add_threads(parser: argparse.ArgumentParser) -> None:
    """The option that both benchmarks have: torch in one process collapses on a busy machine."""
    parser.add_argument(
        "--threads", type=int, help="of torch in the plain script (as torch has it: all cores)"
    )


def orders(lines: TextIO) -> Iterator[Order]:
    """What a way is told, one line each, until its input closes."""
    return (Order(**json.loads(line)) for line in lines)


def answer(given: Answer, lines: TextIO) -> None:
    """What a way answers."""
    print(json.dumps(asdict(given)), file=lines, flush=True)


def best_so_far(lives: Sequence[Life], *, larger: bool) -> list[Life]:
    """The complete trials that were better by validation than all that had ended before."""
    best = list[Life]()
    for life in lives:
        if life.value is not None and (not best or _better(life, best[-1], larger)):
            best.append(life)
    return best


def _better(one: Life, other: Life, larger: bool) -> bool:
    assert one.value is not None
    assert other.value is not None
    return one.value > other.value if larger else one.value < other.value
