"""What pruning on a front is worth: our rule against none, and against plain non-dominated rank.

Every rule replays the same searches from one table of trained configurations (`front_table.py`,
`front_replay.py`), so that all of them see the same curves. A search is random, of one worker, on
two objectives: val_mse and parameters. Unpruned it has 100 trials; a rule may go on through the
rest of the table, until the training seconds of the unpruned search are used up.

    python benchmarks/front_pruning.py [--seeds 60] [--svg docs/images/front-pruning.svg]

takes about a minute and needs no data. `--table` first trains what the table lacks, `--again`
the whole of it: about 18 minutes of one free core, with MNIST in AUTOAE_DATA_DIR.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from front_drawing import Panel, chart
from front_replay import orders, replay
from front_rules import RULES
from front_table import TABLE, Row, read_table
from numpy.typing import NDArray

TRIALS = 100
"""Of the unpruned search, which decides how much compute there is."""

PARTS = (0.1, 0.25, 0.5, 1.0)
"""Of that compute, at which the tables tell the hypervolume."""

ENOUGH = 0.99
"""The part of the unpruned search's last hypervolume that a rule shall reach."""

GRID = np.linspace(0.02, 1.0, 50)
RESAMPLES = 2000


@dataclass(frozen=True)
class Measured:
    """What one rule did in the searches of all seeds.

    Attributes:
        volumes: Hypervolume at `GRID`, in that of the unpruned search's end, (seeds, points).
        enough: Compute until `ENOUGH` of that, in the unpruned search's, (seeds,).
        trials: Configurations that were begun within the compute, (seeds,).
    """

    volumes: NDArray[np.float64]
    enough: NDArray[np.float64]
    trials: NDArray[np.float64]

    def at(self, part: float) -> NDArray[np.float64]:
        """The hypervolumes at a part of the compute, (seeds,)."""
        return self.volumes[:, int(np.argmin(np.abs(GRID - part)))]


def measure(rows: Sequence[Row], seeds: int) -> dict[str, Measured]:
    """Replay every rule with every seed."""
    kept: dict[str, list[tuple[NDArray[np.float64], float, float]]] = {name: [] for name in RULES}
    for order in orders(rows, seeds):
        unpruned = replay(order[:TRIALS], RULES["none"])
        compute, volume = unpruned.seconds[-1], unpruned.volumes[-1]
        for name, rule in RULES.items():
            path = unpruned if name == "none" else replay(order, rule)
            volumes = np.array([path.at(part * compute) for part in GRID]) / volume
            begun = float(np.searchsorted(path.seconds, compute, side="right"))
            kept[name].append((volumes, path.reaches(ENOUGH * volume) / compute, begun))
    return {
        name: Measured(*(np.array(part) for part in zip(*found, strict=True)))
        for name, found in kept.items()
    }


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """The median and its 95 % interval, by the bootstrap over seeds (Efron, 1979)."""
    generator = np.random.default_rng(0)
    drawn = generator.choice(values, (RESAMPLES, len(values)))
    # By order: where some searches never reach it, the mean of two values may be no number.
    medians = np.sort(drawn, axis=1)[:, len(values) // 2]
    low, high = np.sort(medians)[[int(0.025 * RESAMPLES), int(0.975 * RESAMPLES)]]
    return float(np.sort(values)[len(values) // 2]), float(low), float(high)


def table(found: Mapping[str, Measured]) -> Iterator[str]:
    """Lines of Markdown, one a rule."""
    heads = " | ".join(f"at {part:.0%}" for part in PARTS)
    yield f"| rule | {heads} | compute to {ENOUGH:.0%} | of {TRIALS} begun |"
    yield f"| --- | {' | '.join('---' for _ in PARTS)} | --- | ---: |"
    for name, measured in found.items():
        cells = [_percent(interval(measured.at(part))) for part in PARTS]
        cells.append(_percent(interval(measured.enough)))
        yield f"| {name} | {' | '.join(cells)} | {np.median(measured.trials):.0f} |"


def _percent(values: tuple[float, float, float]) -> str:
    middle, low, high = ("never" if np.isinf(value) else f"{value:.0%}" for value in values)
    return f"{middle} ({low} to {high})"


def verdict(found: Mapping[str, Measured]) -> Iterator[str]:
    """Whether the rule in force does what it is to do."""
    unpruned, ours = found["none"], list(found.values())[-1]
    better = np.median(ours.volumes, axis=0) >= np.median(unpruned.volumes, axis=0)
    yield f"median at least the unpruned one at {better.mean():.0%} of {len(GRID)} points"
    _, _, high = interval(ours.enough)
    yield f"{ENOUGH:.0%} at half the compute or less: {'yes' if high <= 0.5 else 'NO'}"


def drawn(results: Mapping[str, Mapping[str, Measured]]) -> bytes:
    """The medians over all seeds as a picture, a panel for each data set."""
    panels = [
        Panel(space, {name: np.median(each.volumes, axis=0) for name, each in found.items()})
        for space, found in results.items()
    ]
    return chart(panels, GRID)


def main() -> None:
    """Train what is asked for, replay, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--table", action="store_true", help="train what the table lacks")
    parser.add_argument("--again", action="store_true", help="train the whole table anew")
    parser.add_argument("--svg", type=Path, help="where to draw the medians")
    given = parser.parse_args()
    if given.again:
        TABLE.unlink(missing_ok=True)
    if given.table or given.again:
        from front_making import make_table

        make_table()
    rows, results = read_table(), dict[str, dict[str, Measured]]()
    for space in dict.fromkeys(row.space for row in rows):
        chosen = [row for row in rows if row.space == space]
        results[space] = measure(chosen, given.seeds)
        print(f"\n{space}: {len(chosen)} configurations, {given.seeds} seeds\n", flush=True)
        print(*table(results[space]), "", *verdict(results[space]), sep="\n", flush=True)
    if given.svg is not None:
        given.svg.write_bytes(drawn(results))


if __name__ == "__main__":
    main()
