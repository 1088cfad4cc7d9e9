"""A search of `cifar-hybrid` with pruning, for `gpu.py`: trials an hour and what they found."""

import tempfile
from dataclasses import dataclass
from time import perf_counter

from figures import Figure

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study

TARGET = 12_000
"""Trials an hour: 1,000 of up to five epochs in five minutes, on one H200."""
WORKERS = 4
"""Processes that share the device: what one reads, waits for and writes, others train in."""


@dataclass(frozen=True)
class Search:
    """How large the search is.

    Attributes:
        trials: That it may have.
        stack: Trials of one network that a worker trains at once.
        epochs: Of a trial that is not pruned.
        seconds: After which no trial starts.
        images: That are trained on; None for all.
    """

    trials: int
    stack: int
    epochs: int
    seconds: float
    images: int | None

    def spec(self, device: str) -> StudySpec:
        """The study file."""
        limit = () if self.images is None else (f"data.limit={self.images}", "data.validation=200")
        overrides = (
            f"search.trials={self.trials}",
            f"search.stack={self.stack}",
            f"training.epochs={self.epochs}",
            f"training.device={device}",
            *limit,
        )
        return read_study("cifar-hybrid", overrides=overrides)


@dataclass(frozen=True)
class Searched:
    """What came out.

    Attributes:
        told: How many trials ended in which way, in a line.
        figure: For the table of all benchmarks.
    """

    told: str
    figure: Figure


def searched(search: Search, device: str) -> Searched:
    """Run the search in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        url, spec = f"sqlite:///{folder}/gpu.db", search.spec(device)
        storage = open_storage(url)
        create_study(storage, spec)
        close_storage(storage)
        start = perf_counter()
        workers = WORKERS if device != "cpu" else 1
        options = RunOptions(workers=workers, timeout=search.seconds)
        run_study(spec.name, url, options, SilentObserver())
        seconds = perf_counter() - start
        storage = open_storage(url)
        found = read_snapshot(load_study(storage, spec.name))
        close_storage(storage)
    return _told(search, found, seconds)


def _told(search: Search, found: StudySnapshot, seconds: float) -> Searched:
    trained = [*found.of_state("COMPLETE"), *found.of_state("PRUNED")]
    trained = [trial for trial in trained if not trial.refused]
    pruned = sum(trial.state == "PRUNED" for trial in trained)
    accuracies = [trial.metrics.get("val_accuracy", 0.0) for trial in trained]
    an_hour = 3600 * len(trained) / seconds
    ours = f"{an_hour:,.0f} trials an hour, best accuracy {max(accuracies, default=0.0):.3f}"
    told = (
        f"cifar-hybrid, stacks of {search.stack}: {len(trained)} trials of up to {search.epochs} "
        f"epochs in {seconds:.0f} s, {pruned} of them pruned, "
        f"{len(found.of_state('FAIL'))} failed"
    )
    figure = Figure(
        f"cifar-hybrid with pruning, up to {search.epochs} epochs",
        ours,
        target=f"{TARGET:,} trials an hour",
        met=an_hour >= TARGET,
        why="" if an_hour >= TARGET else f"{pruned} of {len(trained)} pruned",
    )
    return Searched(told, figure)
