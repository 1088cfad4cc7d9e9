"""What a trial costs as trials, images and workers grow, each drawn as a picture.

    python benchmarks/growth.py

Trials: CPU of the search layer for one trial more, beside plain Optuna, see `search_layer.py`.
Images: training of one small convolutional network on images of 28 to 224 pixels a side.
Workers: the coordinator with one to eight workers that take a second for a trial and train nothing,
so that they need no cores; and real training with one and two.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import figures
import printing
import search_plain
import search_study
from figures import Figure
from growth_drawing import Chart, write

from autoae.search.run import RunOptions, run_study

PICTURES = Path(__file__).parents[1] / "docs" / "images"
TRIALS = (10, 100, 1000, 5000)
SIDES = (28, 32, 64, 128, 224)
SIMULATED = (1, 2, 4, 8)
SECONDS = 1.0
"""That a trial of a simulated worker takes."""
STORED = 100
"""Trials of the study with simulated workers."""


def trials_growing(pictures: Path, count: int) -> Iterator[Figure]:
    """CPU of the search layer for a trial, by how many there are."""
    ours, plain = dict[int, float](), dict[int, float]()
    for trials in TRIALS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = search_study.made(folder, trials)
            shutil.copy(folder / f"{trials}.db", folder / "plain.db")
            watch = search_study.run(url, trials + count)
            ends = search_plain.run(f"sqlite:///{folder}/plain.db", count)
        ours[trials] = 1e3 * watch.cpu_of_a_trial(workers=1)
        plain[trials] = 1e3 * (ends[-1] - ends[0]) / (count - 1)
    lines = {"autoae": ours, "plain Optuna": plain}
    write(
        pictures / "growth-trials.svg",
        Chart("trials of the study", "CPU of the search layer, ms a trial", lines),
    )
    first, last = min(TRIALS), max(TRIALS)
    yield Figure(
        what=f"search layer, CPU of a ten-epoch trial at {first} and at {last:,} trials",
        ours=f"{ours[first]:.0f} and {ours[last]:.0f} ms",
        other=f"plain Optuna {plain[first]:.0f} and {plain[last]:.0f} ms",
    )


def images_growing(pictures: Path, images: int) -> Iterator[Figure]:
    """Seconds of training for an image, by its size."""
    # Not above: the processes of workers that train nothing import this file.
    from growth_images import seconds_an_image

    cost = {side: seconds_an_image(side, images) for side in SIDES}
    pixels = {side: 1e9 * cost[side] / side**2 for side in SIDES}
    write(
        pictures / "growth-images.svg",
        Chart("pixels a side", "training, ms an image", {"": {s: 1e3 * cost[s] for s in SIDES}}),
        Chart("pixels a side", "training, ns a pixel", {"": pixels}),
    )
    small, large = min(SIDES), max(SIDES)
    yield Figure(
        what=f"training of a small conv network, images of {small} and {large} pixels a side",
        ours=f"{1e3 * cost[small]:.2f} and {1e3 * cost[large]:.1f} ms an image, "
        f"{pixels[small]:.0f} and {pixels[large]:.0f} ns a pixel",
    )


def workers_growing(pictures: Path, each: int) -> Iterator[Figure]:
    """Trials a second and the coordinator's share of a processor, by the number of workers."""
    walls, shares = dict[int, float](), dict[int, float]()
    for workers in SIMULATED:
        with tempfile.TemporaryDirectory() as folder:
            url = search_study.made(Path(folder), STORED)
            total = STORED + each * workers
            pace = SECONDS / search_study.EPOCHS
            watch = search_study.run(url, total, workers=workers, pace=pace)
        walls[workers] = watch.wall_of_a_trial(workers)
        shares[workers] = 100 * watch.cpu_of_a_trial(workers) / walls[workers]
    gains = {workers: SECONDS / walls[workers] for workers in SIMULATED}
    real = real_gains(each)
    ideal = {workers: float(workers) for workers in SIMULATED}
    lines = {"as many times": ideal, "simulated, trials of 1 s": gains, "trained": real}
    write(
        pictures / "growth-workers.svg",
        Chart("workers", "trials a second, times those of one worker", lines),
        Chart("workers", "coordinator, % of a processor", {"": shares}),
    )
    most = max(SIMULATED)
    yield Figure(
        what=f"{most} simulated workers with trials of {SECONDS:g} s",
        ours=f"{gains[most]:.2f} trials a second, coordinator {shares[most]:.0f} % of a processor",
        other=f"no waiting at all {most / SECONDS:g} trials a second",
    )
    yield Figure(
        what="two workers that train, times the trials of one",
        ours=f"{real[2]:.2f}",
    )


def real_gains(each: int) -> Mapping[int, float]:
    """Trials a second with one and two real workers, as multiples of those of one."""
    walls: dict[int, list[float]] = {1: [], 2: []}
    for workers in (1, 2, 2, 1):
        with tempfile.TemporaryDirectory() as folder:
            url = search_study.untouched(Path(folder))
            watch = search_study.Stopwatch()
            run_study(search_study.NAME, url, RunOptions(workers=workers, trials=2 * each), watch)
        walls[workers].append(watch.wall_of_a_trial(workers))
    # The better of two, for whatever disturbs makes it slower.
    return {workers: min(walls[1]) / min(found) for workers, found in walls.items()}


def measured(pictures: Path, trials: int, images: int) -> Iterator[Figure]:
    """Every figure, as soon as it is known."""
    with ExitStack() as stack:
        os.environ["AUTOAE_CACHE_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        yield from trials_growing(pictures, trials)
        yield from images_growing(pictures, images)
        yield from workers_growing(pictures, trials)


def main() -> None:
    """Measure, draw and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--svg", type=Path, default=PICTURES, help="where the pictures go")
    parser.add_argument("--trials", type=int, default=10, help="for each point, or worker (10)")
    parser.add_argument("--images", type=int, default=256, help="of an epoch (256)")
    figures.add_argument(parser)
    given = parser.parse_args()
    printing.tell(measured(given.svg, given.trials, given.images), given.figures)


if __name__ == "__main__":
    main()
