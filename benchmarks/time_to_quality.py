"""How soon a search is good: the default against random search and against Optuna's own way.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/time_to_quality.py [--seeds 10] [--case NAME]

Live searches, each by the clock, one seed after the other, the three ways of a seed in turns:
random search without pruning and the default (TPE and successive halving) by the whole stack with
two workers, and Optuna's way in one process with DataLoader, TPE and median pruning.

A search is as good as the model that it would give: the complete trial that is best by validation
so far. That model is scored on held-out images, which neither sampler nor pruner sees, after the
search. How soon a target is reached is counted from the start of the first trial; a search that
does not reach it is followed by that of the next seed, which counts as well and is told.
"""

import argparse
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from statistics import median, quantiles

import figures
import printing
import quality_profile
import ways
from figures import Figure
from quality_cases import CASES, QualityCase
from quality_profile import Shares, shares
from ways import Answer, Order

NAMES = {"random": "random", "autoae": "default", "plain": "Optuna's own way"}
WAYS = tuple(NAMES)
OWN_TARGET, HARDER_TARGET = 3.0, 6.0
DRAWS = 2000


@dataclass(frozen=True)
class Model:
    """A model that was the best one so far by validation.

    Attributes:
        when: It was there, in seconds.
        value: Of its validation.
        score: On held-out images.
    """

    when: float
    value: float
    score: float


@dataclass(frozen=True)
class Search:
    """One search by the clock.

    Attributes:
        seconds: It was given.
        best: Its best models so far, one after the other.
        complete: Trials that were trained to their last epoch in time.
        pruned: Those that ended before, in time.
        spent: What the time of its workers went into.
    """

    seconds: float
    best: tuple[Model, ...]
    complete: int
    pruned: int
    spent: Shares

    @classmethod
    def of(cls, answer: Answer, seconds: float) -> "Search":
        """What was there when time was over."""
        ended = [life for life in answer.lives if life.ended <= seconds]
        done = [(life.number, life.ended, life.value) for life in ended if life.value is not None]
        scores = answer.scores
        best = [Model(at, value, scores[n]) for n, at, value in done if n in scores]
        spent = shares(answer.lives, seconds)
        return cls(seconds, tuple(best), len(done), len(ended) - len(done), spent)

    @property
    def trials(self) -> int:
        """That ended in time."""
        return self.complete + self.pruned

    @property
    def final(self) -> float:
        """The score of the model that it gives in the end."""
        return self.best[-1].score if self.best else -inf


def reached(searches: Sequence[Search], target: float) -> float:
    """Seconds until the best model by validation scores as high as the target.

    A search that is over before it has reached it is followed by the next one, and the best model
    of both counts. Random search has no memory, so that this is a longer random search; of the
    others it is one that is begun anew.

    Args:
        searches: Of one way; all of them, where none reaches it, count as the time.
        target: Accuracy.
    """
    before, best = 0.0, -inf
    for search in searches:
        for model in search.best:
            if model.value > best:
                best = model.value
                if model.score >= target:
                    return before + model.when
        before += search.seconds
    return before


Seed = dict[str, Search]
"""The search of each way."""


@dataclass(frozen=True)
class Ratios:
    """How many times sooner the default reached what another way reached, seed by seed.

    Attributes:
        ours: Seconds of the default.
        other: Of the other way.
        late: In how many seeds the default needed the search of another seed as well.
        other_late: In how many the other way did.
    """

    ours: tuple[float, ...]
    other: tuple[float, ...]
    late: int
    other_late: int

    @classmethod
    def of(cls, seeds: Sequence[Seed], way: str, targets: Sequence[float]) -> "Ratios":
        """Of all seeds, each with its target; after the last seed comes the first one."""
        times = {
            each: tuple(
                reached([seed[each] for seed in _chain(seeds, place, target)], target)
                for place, target in enumerate(targets)
            )
            for each in ("autoae", way)
        }
        late = {
            each: sum(time > seeds[0][each].seconds for time in found)
            for each, found in times.items()
        }
        return cls(times["autoae"], times[way], late["autoae"], late[way])

    @property
    def each(self) -> list[float]:
        """The other's time divided by ours."""
        return [other / ours for ours, other in zip(self.ours, self.other, strict=True)]

    def figure(self, what: str, other: str, target: float) -> Figure:
        """The median over the seeds, with the interval of its bootstrap."""
        low, high = interval(self.each)
        middle, count = median(self.each), len(self.each)
        return Figure(
            what=what,
            ours=f"{median(self.ours):.1f} s{_late(self.late, count)}",
            other=f"{other} {median(self.other):.1f} s{_late(self.other_late, count)}",
            ratio=f"{middle:.1f} (95 %: {low:.1f} to {high:.1f}, {count} seeds)",
            target=f"≥ {target:g} times",
            met=middle >= target,
        )


def _chain(seeds: Sequence[Seed], place: int, target: float) -> Sequence[Seed]:
    """A search that hands over no model sets no target: it counts with its own time alone."""
    return (*seeds[place:], *seeds[:place]) if target > -inf else seeds[place : place + 1]


def _late(late: int, count: int) -> str:
    return f", not by the first search in {late} of {count}" if late else ""


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the medians of bootstrap samples."""
    draw = random.Random(0)
    medians = sorted(median(draw.choices(values, k=len(values))) for _ in range(DRAWS))
    return medians[int(0.025 * DRAWS)], medians[int(0.975 * DRAWS) - 1]


def searched(case: QualityCase, way: str, seed: int, process: ways.Way) -> Search:
    """One search in a fresh storage."""
    seconds = case.seconds[way]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/searched.db"
        order = Order(case.study(way, seed), url, seconds=seconds, scored=True, warm=True)
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
        f"{NAMES[way]} {found[way].final:.4f} ({found[way].trials} trials, last better model after "
        f"{found[way].best[-1].when if found[way].best else inf:.1f} s)"
        for way in WAYS
    )
    print(f"  seed {seed}: {'; '.join(told)}; load {os.getloadavg()[0]:.1f}", flush=True)


def figures_of(case: QualityCase, seeds: Sequence[Seed]) -> Iterator[Figure]:
    """The first one that is missed says why: all are of the same searches."""
    why = why_late(seeds)
    for figure in compared(case, seeds):
        yield figure if figure.met else replace(figure, why=why)
        why = why if figure.met else f"the same searches of the {case.name} as above"


def compared(case: QualityCase, seeds: Sequence[Seed]) -> Iterator[Figure]:
    """Both targets of random search, and what Optuna's own way reaches by its end."""
    finals = [seed["random"].final for seed in seeds]
    harder = quantiles(finals, n=4, method="inclusive")[-1] if len(finals) > 1 else finals[0]
    own = Ratios.of(seeds, "random", finals)
    yield own.figure(f"time to random search's own best: {case.name}", "random", OWN_TARGET)
    hard = Ratios.of(seeds, "random", [harder] * len(seeds))
    what = f"time to an accuracy of {harder:.3f}, random's upper quartile: {case.name}"
    yield hard.figure(what, "random", HARDER_TARGET)
    plain = Ratios.of(seeds, "plain", [seed["plain"].final for seed in seeds])
    what = f"time to what Optuna's own way reaches by its end: {case.name}"
    yield plain.figure(what, "DataLoader, TPE, median pruner", case.target)


def why_late(seeds: Sequence[Seed]) -> str:
    """How many trials each way looked at, and what the time of the default went into."""
    told = "; ".join(_trials(way, [seed[way] for seed in seeds]) for way in WAYS)
    profile = quality_profile.told([seed["autoae"].spent for seed in seeds])
    return f"{told}; the workers of the default, mean of all seeds: {profile}"


def _trials(way: str, searches: Sequence[Search]) -> str:
    complete = median(each.complete for each in searches)
    pruned = median(each.pruned for each in searches)
    first = median(each.best[0].when if each.best else inf for each in searches)
    return (
        f"{NAMES[way]}: {complete:.0f} trials to their end and {pruned:.0f} pruned in "
        f"{searches[0].seconds:g} s, the first model at {first:.1f} s"
    )


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
