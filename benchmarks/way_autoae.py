"""The whole stack: coordinator, two persistent workers of one thread, SQLite, run folders.

What `autoae study run --workers 2` does, by the same function, with an observer that looks at the
clock. Started by `ways.py`. Workers import this module too, so nothing heavy is imported on top.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

import psutil
from ways import Answer, Life, Order, answer, best_so_far, orders

from autoae.search.observer import SilentObserver
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec

WORKERS = 2
NAME = "searched"


@dataclass
class Watch(SilentObserver):
    """Looks at the clock whenever the coordinator tells something."""

    order: Order
    start: float = inf
    cpu: float = 0.0
    used: float = 0.0
    memory: tuple[int, ...] = ()
    begun: dict[int, float] = field(default_factory=dict)
    epochs: dict[int, list[float]] = field(default_factory=dict)
    lives: list[Life] = field(default_factory=list)

    def enough(self) -> str | None:
        """The reason to ask for no further trial: time is over."""
        return "time is over" if perf_counter() - self.start >= self.order.seconds else None

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """A worker has accepted a trial."""
        del notation, costs
        if not self.begun:
            self.start, self.cpu = perf_counter(), cpu_seconds()
        self.begun[number] = perf_counter()

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """An epoch has ended."""
        del epoch, epochs, metrics
        self.epochs.setdefault(number, []).append(perf_counter())

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """A trial has ended; a refused one never began, and one may diverge."""
        del reason
        if number not in self.begun:
            return
        value = values[0] if state == "COMPLETE" else None
        epochs = tuple(each - self.start for each in self.epochs.get(number, []))
        begun, ended = self.begun[number] - self.start, perf_counter() - self.start
        self.lives.append(Life(number, begun, epochs, ended, value))
        if len(self.lives) == self.order.trials:
            self.used, self.memory = cpu_seconds() - self.cpu, own_memory()


def cpu_seconds() -> float:
    """CPU time of this process and of its workers."""
    own, seconds = psutil.Process(), 0.0
    for process in (own, *own.children(recursive=True)):
        # Python asks other programs about the machine, which end meanwhile.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def own_memory() -> tuple[int, ...]:
    """Bytes that each worker shares with no other process."""
    workers = [psutil.Process(each.pid) for each in multiprocessing.active_children()]
    return tuple(worker.memory_full_info().uss for worker in workers)


def run(order: Order) -> Answer:
    """Run a search as the command does."""
    from warm_launch import launch_warm

    from autoae.search.launch import launch_process
    from autoae.search.run import RunOptions, run_study
    from autoae.store.storage import close_storage, open_storage
    from autoae.store.studies import create_study

    spec = study_from_text(order.study, name=NAME, source="benchmark")
    storage = open_storage(order.url)
    create_study(storage, spec)
    close_storage(storage)
    watch = Watch(order)
    options = RunOptions(workers=WORKERS, trials=order.trials, enough=watch.enough)
    launch = launch_warm if order.warm else launch_process
    run_study(NAME, order.url, options, watch, launch=launch)
    scores = scored(spec, order, watch.lives) if order.scored else {}
    return Answer(as_kept(order.url, watch.lives), watch.used, scores, watch.memory)


def as_kept(url: str, lives: Sequence[Life]) -> tuple[Life, ...]:
    """Who trained each trial stands in its lease, how long its epochs took among its costs."""
    from dataclasses import replace

    from autoae.store.attributes import LEASE
    from autoae.store.storage import close_storage, open_storage
    from autoae.store.studies import load_study

    storage = open_storage(url)
    trials = load_study(storage, NAME).get_trials(deepcopy=False)
    kept = {trial.number: trial.user_attrs for trial in trials}
    close_storage(storage)
    return tuple(
        replace(
            life,
            worker=kept[life.number][LEASE]["worker"],
            training=kept[life.number].get("seconds", 0.0),
        )
        for life in lives
    )


def scored(spec: StudySpec, order: Order, lives: Sequence[Life]) -> dict[int, float]:
    """What the saved models that were the best so far reach on held-out images."""
    from way_scores import score

    from autoae.store.runs import run_root, trial_folder
    from autoae.training.weights import load_network

    scores, objective = {}, spec.objectives[0]
    for life in best_so_far(lives, larger=objective.direction == "maximize"):
        folder = trial_folder(run_root(order.url), NAME, life.number)
        network, description = load_network(folder.weights)
        scores[life.number] = score(network, description.configuration, objective.metric)
    return scores


def main() -> None:
    """Run what is told on the standard input."""
    # What is printed by others must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for order in orders(sys.stdin):
        answer(run(order), answers)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
