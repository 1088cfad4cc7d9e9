"""How soon a search is good: the default against random search and against Optuna's own way.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/time_to_quality.py [--seeds 10] [--case NAME]

Live searches, each by the clock, one seed after the other, the three ways of a seed in turns:
random search without pruning and the default (TPE and successive halving) by the whole stack with
two workers, and Optuna's way in one process with DataLoader, TPE and median pruning.

A search is as good as the model that it would give: the complete trial that is best by validation
so far. That model is scored on the test images, which neither sampler nor pruner sees, after the
search. How soon a target is reached is counted from the start of the first trial; a search that
does not reach it counts as its full time and is told.
"""

import argparse
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median, quantiles

import figures
import printing
import ways
from figures import Figure
from quality_cases import CASES, QualityCase
from ways import Answer, Order

WAYS = ("random", "autoae", "plain")
OWN_TARGET, HARDER_TARGET = 3.0, 6.0
DRAWS = 2000


@dataclass(frozen=True)
class Search:
    """One search by the clock.

    Attributes:
        seconds: It was given.
        curve: When each of its best models so far was there, and its score.
        trials: That ended in time.
    """

    seconds: float
    curve: tuple[tuple[float, float], ...]
    trials: int

    @classmethod
    def of(cls, answer: Answer, seconds: float) -> "Search":
        """What was there when time was over."""
        ended = [life for life in answer.lives if life.ended <= seconds]
        best = [each for each in ended if each.number in answer.scores]
        curve = [(each.ended, answer.scores[each.number]) for each in best]
        return cls(seconds, tuple(curve), len(ended))

    @property
    def final(self) -> float:
        """The score of the model that it gives in the end."""
        return self.curve[-1][1] if self.curve else -inf

    def reached(self, target: float) -> float | None:
        """Seconds until its model was as good as that; None where it never was."""
        return next((when for when, score in self.curve if score >= target), None)


Seed = dict[str, Search]
"""The search of each way."""


@dataclass(frozen=True)
class Ratios:
    """How many times sooner the default reached what another way reached, seed by seed.

    Attributes:
        ours: Seconds of the default, its full time where it did not reach the target.
        other: Of the other way.
        censored: In how many seeds the default did not reach it.
        other_censored: In how many the other way did not.
    """

    ours: tuple[float, ...]
    other: tuple[float, ...]
    censored: int
    other_censored: int

    @classmethod
    def of(cls, seeds: Sequence[Seed], way: str, targets: Sequence[float]) -> "Ratios":
        """Of all seeds, each with its target."""
        both = [
            (seed["autoae"], seed[way], target) for seed, target in zip(seeds, targets, strict=True)
        ]
        ours = [ours.reached(target) for ours, _, target in both]
        other = [other.reached(target) for _, other, target in both]
        return cls(
            tuple(
                t if t is not None else s.seconds for t, (s, _, _) in zip(ours, both, strict=True)
            ),
            tuple(
                t if t is not None else s.seconds for t, (_, s, _) in zip(other, both, strict=True)
            ),
            ours.count(None),
            other.count(None),
        )

    @property
    def each(self) -> list[float]:
        """The other's time divided by ours."""
        return [other / ours for ours, other in zip(self.ours, self.other, strict=True)]

    def figure(self, what: str, other: str, target: float, why: str) -> Figure:
        """The median over the seeds, with the interval of its bootstrap."""
        low, high = interval(self.each)
        middle, count = median(self.each), len(self.each)
        met = middle >= target
        return Figure(
            what=what,
            ours=f"{median(self.ours):.1f} s{_never(self.censored, count)}",
            other=f"{other} {median(self.other):.1f} s{_never(self.other_censored, count)}",
            ratio=f"{middle:.1f} (95 %: {low:.1f} to {high:.1f}, {count} seeds)",
            target=f"≥ {target:g} times",
            met=met,
            why="" if met else why,
        )


def _never(censored: int, count: int) -> str:
    return f", not reached in {censored} of {count}" if censored else ""


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the medians of bootstrap samples."""
    draw = random.Random(0)
    medians = sorted(median(draw.choices(values, k=len(values))) for _ in range(DRAWS))
    return medians[int(0.025 * DRAWS)], medians[int(0.975 * DRAWS) - 1]


def searched(case: QualityCase, way: str, seed: int, process: ways.Way) -> Search:
    """One search in a fresh storage."""
    seconds = case.plain_seconds if way == "plain" else case.seconds
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/searched.db"
        order = Order(case.study(way, seed), url, seconds=seconds, scored=True)
        return Search.of(process.run(order), seconds)


def seed_by_seed(case: QualityCase, count: int, threads: int | None) -> list[Seed]:
    """All ways in turns; another one is first with every seed."""
    seeds = list[Seed]()
    with ExitStack() as stack:
        stack_of_ours = stack.enter_context(ways.Way("autoae"))
        plain = stack.enter_context(ways.Way("plain", threads))
        processes = {"random": stack_of_ours, "autoae": stack_of_ours, "plain": plain}
        for seed in range(count):
            first = seed % len(WAYS)
            turns = WAYS[first:] + WAYS[:first]
            found = {way: searched(case, way, seed, processes[way]) for way in turns}
            seeds.append(found)
            _progress(seed, found)
    return seeds


def _progress(seed: int, found: Seed) -> None:
    told = (
        f"{way} {found[way].final:.4f} ({found[way].trials} trials, last better model after "
        f"{found[way].curve[-1][0] if found[way].curve else inf:.1f} s)"
        for way in WAYS
    )
    print(f"  seed {seed}: {'; '.join(told)}; load {os.getloadavg()[0]:.1f}", flush=True)


def figures_of(case: QualityCase, seeds: Sequence[Seed]) -> Iterator[Figure]:
    """Both targets of random search, and what Optuna's own way reaches by its end."""
    finals = [seed["random"].final for seed in seeds]
    harder = quantiles(finals, n=4, method="inclusive")[-1] if len(finals) > 1 else finals[0]
    why = why_late(seeds)
    own = Ratios.of(seeds, "random", finals)
    yield own.figure(f"time to random search's own best: {case.name}", "random", OWN_TARGET, why)
    hard = Ratios.of(seeds, "random", [harder] * len(seeds))
    what = f"time to a test accuracy of {harder:.3f}, random's upper quartile: {case.name}"
    yield hard.figure(what, "random", HARDER_TARGET, why)
    plain = Ratios.of(seeds, "plain", [seed["plain"].final for seed in seeds])
    what = f"time to what Optuna's own way reaches by its end: {case.name}"
    yield plain.figure(what, "DataLoader, TPE, median pruner", case.target, why)


def why_late(seeds: Sequence[Seed]) -> str:
    """How many trials each way looked at in the time it had, and when its first model was there."""
    told = []
    for way in WAYS:
        trials = median(seed[way].trials for seed in seeds)
        first = median(seed[way].curve[0][0] if seed[way].curve else inf for seed in seeds)
        seconds = seeds[0][way].seconds
        told.append(
            f"{way}: {trials:.0f} trials in {seconds:g} s, the first model at {first:.1f} s"
        )
    return "; ".join(told)


def measured(count: int, wanted: str, threads: int | None) -> Iterator[Figure]:
    """Every figure, as soon as it is known."""
    for case in CASES:
        if wanted in case.name:
            print(case.name, flush=True)
            yield from figures_of(case, seed_by_seed(case, count, threads))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10, help="searches of each way (10)")
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    ways.add_threads(parser)
    figures.add_argument(parser)
    given = parser.parse_args()
    if "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of FashionMNIST with AUTOAE_DATA_DIR")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AUTOAE_CACHE_DIR"] = str(Path(cache))
        printing.tell(measured(given.seeds, given.case, given.threads), given.figures)


if __name__ == "__main__":
    main()
