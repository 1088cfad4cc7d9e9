"""Trials an hour on two cores: the whole stack, and a plain script with DataLoader and Optuna.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/trials_hour.py [--rounds 3] [--case NAME]

Both run the same number of trials of the same space with the same sampler, both to the last epoch,
in processes of their own that take turns. A rate is of the steady state: from the first trial's
start to the last one's end. What starting costs is told beside it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import figures
import printing
import torch
import ways
from cases import CASES, Case
from figures import Figure
from ways import Answer, Life, Name, Order, Way

from autoae.data.loading import prepare
from autoae.spec.config import DataOptions
from autoae.training.probe import bfloat16_probe

LONGEST_GAP = 0.050  # Seconds.
WHY_GAP = (
    "cProfile of worker and coordinator: no pass over images is left in it; `files and end` is the "
    "best weights, pictures and latents brought to the disk and the end of the trial in SQLite, "
    "`ask and plan` mostly SQLite, `build` the network's first weights and two more files: paid "
    "once a trial, it grows with the weights and the latents"
)
MEBIBYTE = 2**20
TORCH_ALONE = "import psutil, torch; print(psutil.Process().memory_info().rss)"


@dataclass(frozen=True)
class Plan:
    """How much of a case is trained.

    Attributes:
        train: Images.
        validation: Images.
        epochs: Of a trial.
        trials: Of a search; an even number, so that two workers end together.
        target: How many times the plain script's trials an hour are asked for.
    """

    train: int
    validation: int
    epochs: int
    trials: int
    target: float

    def study(self, case: Case) -> str:
        """The study file: learning rate and weight decay, which change nothing about the work."""
        training = {
            **case.tree.get("training", {}),
            "epochs": self.epochs,
            "lr": {"min": 1e-4, "max": 1e-2, "log": True},
            "weight_decay": {"min": 1e-6, "max": 1e-3, "log": True},
            "device": "cpu",
        }
        images = {**case.tree["data"], "limit": self.train, "validation": self.validation}
        search = {"method": "tpe", "pruner": "none", "trials": self.trials}
        tree: dict[str, Any] = {**case.tree, "data": images, "training": training, "search": search}
        # JSON is YAML.
        return json.dumps(tree)


PLANS = {
    "conv": Plan(train=2048, validation=512, epochs=3, trials=6, target=2.5),
    "MLP": Plan(train=8192, validation=1024, epochs=4, trials=6, target=10.0),
    "hybrid": Plan(train=768, validation=256, epochs=2, trials=6, target=2.5),
}
"""By the first word of a case."""


@dataclass(frozen=True)
class Run:
    """One search, and how long its process lived in all, in seconds."""

    answer: Answer
    whole: float

    @property
    def rate(self) -> float:
        """Trials an hour."""
        return 3600 * len(self.answer.lives) / self.answer.wall

    @property
    def cpu(self) -> float:
        """CPU seconds of a trial."""
        return self.answer.cpu / len(self.answer.lives)


def searched(way: Name, plan: Plan, case: Case, threads: int | None) -> Run:
    """Run a search in a fresh process and a fresh storage."""
    start = perf_counter()
    limit = threads if way == "plain" else None
    with tempfile.TemporaryDirectory() as folder, Way(way, limit) as process:
        order = Order(plan.study(case), f"sqlite:///{folder}/searched.db", plan.trials)
        answer = process.run(order)
        whole = perf_counter() - start
    return Run(answer, whole)


def make_ready(case: Case, plan: Plan) -> None:
    """Do what is done once a machine and kept: decode the images, see whether bfloat16 pays."""
    torch.set_num_threads(1)
    images = json.loads(plan.study(case))["data"]
    prepare(DataOptions.model_validate(images))
    bfloat16_probe(torch.device("cpu"))


def rounds_of(
    case: Case, plan: Plan, rounds: int, threads: int | None
) -> tuple[list[Run], list[Run]]:
    """Both ways in turns, each first in every other round."""
    found: dict[Name, list[Run]] = {"autoae": [], "plain": []}
    for number in range(rounds):
        for way in list(found)[:: 1 - 2 * (number % 2)]:
            found[way].append(searched(way, plan, case, threads))
            _progress(case, way, found[way][-1])
    return found["autoae"], found["plain"]


def _progress(case: Case, way: str, run: Run) -> None:
    load = os.getloadavg()[0]
    print(
        f"  {case.name.split()[0]:6} {way:6} {run.answer.wall:6.1f} s for {len(run.answer.lives)} "
        f"trials, {run.whole:5.1f} s with its start, {run.cpu:5.2f} s CPU a trial, load {load:.1f}",
        flush=True,
    )


def rate_figure(case: Case, plan: Plan, ours: Sequence[Run], plain: Sequence[Run]) -> Figure:
    """Trials an hour in the steady state; CPU of a trial and the start beside it."""
    ratios = [one.rate / other.rate for one, other in zip(ours, plain, strict=True)]
    whole = median(other.whole / one.whole for one, other in zip(ours, plain, strict=True))
    met = median(ratios) >= plan.target
    return Figure(
        what=f"trials an hour: {case.name}",
        ours=_shown(ours),
        other=f"DataLoader, one process, Optuna with SQLite: {_shown(plain)}",
        ratio=f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
        f"{whole:.2f} with the start of {plan.trials} trials",
        target=f"≥ {plan.target:g} times",
        met=met,
        why="" if met else why_slow(ours, plain),
    )


def _shown(runs: Sequence[Run]) -> str:
    rate, cpu = median(run.rate for run in runs), median(run.cpu for run in runs)
    return f"{rate:,.0f} an hour, {cpu:.2f} s CPU a trial"


def why_slow(ours: Sequence[Run], plain: Sequence[Run]) -> str:
    """Where a worker's time goes."""
    idle = median(idle_share(run.answer) for run in ours)
    cpu = median(o.cpu / p.cpu for o, p in zip(ours, plain, strict=True))
    cores = median(run.answer.cpu / run.answer.wall for run in plain)
    return (
        f"{1 - idle:.0%} of the workers' time is epochs of training, nothing else: a trial takes "
        f"{cpu:.0%} of the plain script's CPU time, which keeps {cores:.2f} of 2 cores busy, so "
        f"that the most there is to win is {2 / cores / cpu:.1f} times; what the epochs consist "
        "of stands under `training:`"
    )


def idle_share(answer: Answer) -> float:
    """The share of the two workers' time from the first start to the last end without an epoch."""
    busy = sum(life.epochs[-1] - first_epoch(life) for life in answer.lives)
    workers = len({life.worker for life in answer.lives})
    return max(0.0, 1 - busy / (workers * answer.wall))


def first_epoch(life: Life) -> float:
    """When the first epoch began, if it took as long as the second: what more it took is a gap."""
    return life.epochs[0] - (life.epochs[1] - life.epochs[0])


def gaps(answer: Answer) -> Iterator[tuple[float, float, float]]:
    """Between trials of a worker, in seconds: files and end, ask and plan, build the next one."""
    by_worker = sorted(answer.lives, key=lambda life: (life.worker, life.begun))
    for _, own in groupby(by_worker, key=lambda life: life.worker):
        lives = list(own)
        for before, after in pairwise(lives):
            begins = max(first_epoch(after), after.begun)
            yield (
                before.ended - before.epochs[-1],
                after.begun - before.ended,
                begins - after.begun,
            )


def gap_figure(case: Case, runs: Sequence[Run]) -> Figure:
    """From the last epoch of a trial to the first epoch of the worker's next one."""
    found = [gap for run in runs for gap in gaps(run.answer)]
    whole = sorted(sum(gap) for gap in found)
    files, ask, create = (1e3 * median(part) for part in zip(*found, strict=True))
    met = median(whole) < LONGEST_GAP
    middle, least, most = (1e3 * gap for gap in (median(whole), whole[0], whole[-1]))
    parts = f"{files:.0f} ms files and end, {ask:.0f} ms ask and plan, {create:.0f} ms build"
    return Figure(
        what=f"gap between trials of a warm worker: {case.name}",
        ours=f"{middle:.0f} ms ({least:.0f} to {most:.0f}): {parts}",
        target=f"< {1e3 * LONGEST_GAP:.0f} ms",
        met=met,
        why="" if met else WHY_GAP,
    )


def memory_figure(case: Case, runs: Sequence[Run]) -> Figure:
    """What one worker more takes, beside a process that imports torch and does nothing."""
    own = median(size for run in runs for size in run.answer.memory)
    alone = torch_alone()
    met = own <= alone
    return Figure(
        what=f"memory of a further worker: {case.name}",
        ours=f"{own / MEBIBYTE:,.0f} MiB of its own (USS); images are shared",
        other=f"a process that imports torch alone {alone / MEBIBYTE:,.0f} MiB (RSS)",
        ratio=f"{own / alone:.2f}",
        target="≤ 1 times",
        met=met,
        why="" if met else "activations and optimizer of the network in training are its own",
    )


def torch_alone() -> int:
    """Bytes resident in a process that imports torch."""
    command = [sys.executable, "-c", TORCH_ALONE]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(given: argparse.Namespace) -> Iterator[Figure]:
    """Every figure, as soon as it is known."""
    for case in CASES:
        plan = PLANS[case.name.split()[0]]
        plan = replace(plan, trials=given.trials or plan.trials)
        if given.case in case.name:
            make_ready(case, plan)
            ours, plain = rounds_of(case, plan, given.rounds, given.threads)
            yield rate_figure(case, plan, ours, plain)
            yield gap_figure(case, ours)
            yield memory_figure(case, ours)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="searches of each way (3)")
    parser.add_argument("--trials", type=int, help="of a search, at least 4 (by case)")
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    ways.add_threads(parser)
    figures.add_argument(parser)
    given = parser.parse_args()
    if "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of MNIST and CIFAR-10 with AUTOAE_DATA_DIR")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AUTOAE_CACHE_DIR"] = str(Path(cache))
        printing.tell(measured(given), given.figures)


if __name__ == "__main__":
    main()
