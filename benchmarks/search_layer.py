"""What search costs beside training: CPU of a trial, and how long a free worker waits for one.

    python benchmarks/search_layer.py

The real coordinator runs the preset `digits-hybrid` with ten epochs a trial on a storage that has
100 and 1,000 trials, with a worker that trains nothing and answers at once, in turns with plain
Optuna on a copy of that storage. Then two workers take three seconds a trial, and at 5,000 trials
one second, where the next trial is asked for while they train or, beside it, once one is free.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import figures
import printing
import profiles
import search_plain
import search_study
from figures import Figure
from search_study import EPOCHS

from autoae.search import asking

TARGETS = {100: 45.0, 1000: 60.0}
"""CPU milliseconds of a trial, by how many there are already."""
SHARE = 0.02
"""Of one processor, beside trials of `SECONDS`."""
SECONDS = 3.0
MANY = 5000
GAP = 0.05
"""Seconds for which a free worker may wait."""
WORKERS = 2


@dataclass(frozen=True)
class Waits:
    """For how many seconds workers waited, each time that they did.

    Attributes:
        free: For a trial.
        rung: For the pruner's answer.
    """

    free: Sequence[float]
    rung: Sequence[float]


def beside_plain(folder: Path, trials: int, rounds: int, count: int) -> Figure:
    """CPU of a trial, and that of plain Optuna, in turns."""
    url = search_study.made(folder, trials)
    shutil.copy(folder / f"{trials}.db", folder / "plain.db")
    plain = f"sqlite:///{folder}/plain.db"
    ours, theirs = list[float](), list[float]()
    total = trials
    for _ in range(rounds):
        total += count
        ours.append(1e3 * search_study.run(url, total).cpu_of_a_trial(workers=1))
        ends = search_plain.run(plain, count)
        theirs.append(1e3 * (ends[-1] - ends[0]) / (count - 1))
    met = median(ours) <= TARGETS[trials]
    why = "" if met else profiles.shares(lambda: search_study.run(url, total + count))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Figure(
        what=f"search layer, CPU of a ten-epoch trial at {trials:,} trials",
        ours=f"{median(ours):.0f} ms",
        other=f"plain Optuna {median(theirs):.0f} ms",
        ratio=f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        target=f"≤ {TARGETS[trials]:.0f} ms",
        met=met,
        why=why,
    )


def beside_training(folder: Path, count: int) -> Figure:
    """The share of a processor, beside workers whose trials take three seconds."""
    trials = max(TARGETS)
    url = search_study.made(folder, trials)
    total = trials + count
    watch = search_study.run(url, total, workers=WORKERS, pace=SECONDS / EPOCHS)
    cost = watch.cpu_of_a_trial(workers=WORKERS)
    met = cost <= SHARE * SECONDS
    return Figure(
        what=f"search layer, CPU beside trials of {SECONDS:g} s at {trials:,} trials, with what it "
        f"takes to listen ({WORKERS} workers)",
        ours=f"{1e3 * cost:.0f} ms, {100 * cost / SECONDS:.1f} %",
        target=f"≤ {100 * SHARE:g} %",
        met=met,
        why="" if met else profiles.shares(lambda: search_study.run(url, total + count)),
    )


def waiting(folder: Path, rounds: int, count: int) -> Iterator[Figure]:
    """For how long workers wait at 5,000 trials, and how long if nothing were asked ahead."""
    url = search_study.made(folder, MANY)
    ahead, late = list[Waits](), list[Waits]()
    for number in range(rounds):
        total = MANY + 2 * number * count
        ahead.append(_waits(url, total + count))
        with _asking_late():
            late.append(_waits(url, total + 2 * count))
    free = [median(each.free) for each in ahead]
    otherwise = [median(each.free) for each in late]
    ratios = [one / other for one, other in zip(free, otherwise, strict=True)]
    met = median(free) <= GAP
    yield Figure(
        what=f"a free worker waits for its next trial at {MANY:,} trials",
        ours=f"{1e3 * median(free):.0f} ms (longest {1e3 * max(max(w.free) for w in ahead):.0f})",
        other=f"asked when it is free {1e3 * median(otherwise):.0f} ms",
        ratio=f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        target=f"≤ {1e3 * GAP:.0f} ms",
        met=met,
        why="" if met else profiles.shares(lambda: _waits(url, MANY + (2 * rounds + 1) * count)),
    )
    rungs, before = ([wait for each in way for wait in each.rung] for way in (ahead, late))
    yield Figure(
        what=f"a worker waits for the pruner's answer at {MANY:,} trials",
        ours=f"{1e3 * median(rungs):.0f} ms (longest {1e3 * max(rungs):.0f})",
        other=f"asked when one is free {1e3 * median(before):.0f} ms "
        f"(longest {1e3 * max(before):.0f})",
    )


def _waits(url: str, total: int) -> Waits:
    watch = search_study.run(url, total, workers=WORKERS, pace=1 / EPOCHS)
    return Waits(watch.waited, watch.answered)


@contextmanager
def _asking_late() -> Iterator[None]:
    """Ask for a trial once a worker is free, whatever the size of the study."""
    before, asking.AHEAD_FROM = asking.AHEAD_FROM, 10**9
    try:
        yield
    finally:
        asking.AHEAD_FROM = before


def measured(rounds: int, count: int) -> Iterator[Figure]:
    """Every figure, as soon as it is known."""
    for trials in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            yield beside_plain(Path(folder), trials, rounds, count)
    with tempfile.TemporaryDirectory() as folder:
        yield beside_training(Path(folder), 2 * WORKERS + 8)
    with tempfile.TemporaryDirectory() as folder:
        yield from waiting(Path(folder), 2, 2 * WORKERS + 12)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of both ways (5)")
    parser.add_argument("--trials", type=int, default=10, help="trials a turn (10)")
    figures.add_argument(parser)
    given = parser.parse_args()
    printing.tell(measured(given.rounds, given.trials), given.figures)


if __name__ == "__main__":
    main()
