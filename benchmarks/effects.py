"""How far the ledger of effects can be trusted, on studies whose truth is known.

Studies are drawn anew in every run (the seed is printed): ablations with seeds in pairs, and
searches by Optuna's random sampler and TPE, with knobs that do nothing beside knobs of half to
two standard deviations of the noise, unequal noise, failed and pruned trials.

    python benchmarks/effects.py [--studies 500] [--processes 2] [--seed N]
"""

import argparse
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from effects_pairs import ABLATIONS, ablation_rows
from effects_rows import Ranking, Row, Summary, clustered, exact, summary
from effects_search import SEARCHES, search_rows

CHUNK = 10
"""Studies that a process works on at a time."""

FALSE, COVERAGE = 0.05, 0.93
"""What is to be kept within Monte-Carlo error."""


@dataclass(frozen=True)
class Task:
    """Studies of one setting.

    Attributes:
        pairs: Whether they are ablations.
        setting: Its place among them.
        studies: Their numbers.
        seed: Of the whole run.
        quick: Whether searches are as short as their shortest.
    """

    pairs: bool
    setting: int
    studies: range
    seed: int
    quick: bool

    def seed_of(self, study: int) -> int:
        """Another one for every study."""
        entropy = (self.seed, int(self.pairs), self.setting, study)
        return int(np.random.SeedSequence(entropy).generate_state(1)[0])


@dataclass
class Found:
    """All comparisons and rankings."""

    rows: list[Row] = field(default_factory=list)
    rankings: list[Ranking] = field(default_factory=list)


def work(task: Task) -> Found:
    """Draw and analyse the studies of a task."""
    found = Found()
    for study in task.studies:
        if task.pairs:
            found.rows += ablation_rows(ABLATIONS[task.setting], study, task.seed_of(study))
            continue
        search = SEARCHES[task.setting]
        search = replace(search, lengths=search.lengths[:1]) if task.quick else search
        rows, rankings = search_rows(search, study, task.seed_of(study))
        found.rows += rows
        found.rankings += rankings
    return found


def tasks(studies: int, seed: int, *, quick: bool) -> list[Task]:
    """The long ones first, so that the processes end together."""
    starts = range(0, studies, CHUNK)
    return [
        Task(pairs, setting, range(start, min(start + CHUNK, studies)), seed, quick)
        for pairs, count in ((False, len(SEARCHES)), (True, len(ABLATIONS)))
        for setting in reversed(range(count))
        for start in starts
    ]


def pair_table(rows: Sequence[Row]) -> Iterator[str]:
    """One line a setting, and whether it keeps what is promised."""
    yield "| paired | inert claimed | any inert claimed | coverage | power | wrong sign | kept |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for ablation in ABLATIONS:
        sums = summary([row for row in rows if row.setting == ablation.name])
        cells = (sums.false, sums.any_false, sums.coverage, sums.power, sums.wrong)
        yield _line(ablation.name, *map(str, cells), _kept(sums))


def search_table(rows: Sequence[Row]) -> Iterator[str]:
    """One line a setting; what is not told is marked unreliable or too few."""
    yield (
        "| observational | told | inert claimed | any inert claimed | coverage of the told | "
        "of the others | power | wrong sign | kept |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for name in _search_names({row.setting for row in rows}):
        sums = summary([row for row in rows if row.setting == name])
        cells = (sums.false, sums.any_false, sums.coverage, sums.other_coverage)
        told, found = f"{sums.told.value:.0%}", (str(sums.power), str(sums.wrong))
        yield _line(name, told, *map(str, cells), *found, _kept(sums))


def ranking_table(rankings: Sequence[Ranking]) -> Iterator[str]:
    """How often something inert ranks at or above a real knob."""
    methods = ("autoae", "PED-ANOVA", "fANOVA")
    yield f"| real knobs ranked at or below an inert one | {' | '.join(methods)} |"
    yield f"| --- |{' --- |' * len(methods)}"
    for name in _search_names({ranking.setting for ranking in rankings}):
        every = [
            _misranked([r for r in rankings if r.setting == name and r.method == m])
            for m in methods
        ]
        yield _line(name, *every)


def _misranked(rankings: Sequence[Ranking]) -> str:
    if not rankings:
        return "–"
    pairs = [(r.study, place < r.below) for r in rankings for place in range(r.real)]
    studies = exact(sum(r.below > 0 for r in rankings), len(rankings))
    return (
        f"{clustered(pairs).value:.0%} of knobs, in {studies.value:.0%} of {len(rankings)} studies"
    )


def _search_names(drawn: set[str]) -> list[str]:
    names = [search.name(length) for search in SEARCHES for length in search.lengths]
    return [name for name in names if name in drawn]


def _kept(sums: Summary) -> str:
    return "yes" if sums.false.low <= FALSE and sums.coverage.high >= COVERAGE else "NO"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run everything and print three tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=500, help="of each setting")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="side by side")
    parser.add_argument("--seed", type=int, default=None, help="drawn unless given")
    parser.add_argument("--quick", action="store_true", help="two short studies, to see it run")
    options = parser.parse_args()
    studies = 2 if options.quick else options.studies
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}, {studies} studies of each setting", flush=True)
    started, found = perf_counter(), Found()
    with ProcessPoolExecutor(options.processes) as pool:
        for part in pool.map(work, tasks(studies, seed, quick=options.quick)):
            found.rows += part.rows
            found.rankings += part.rankings
    for table in (pair_table(found.rows), search_table(found.rows), ranking_table(found.rankings)):
        print("", *table, sep="\n")
    print(f"\n{(perf_counter() - started) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
