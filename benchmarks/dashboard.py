"""What keeping the dashboard up to date costs a run: `python -m benchmarks.dashboard`.

A preset is run in a temporary folder as `autoae study run` does it. Set side by side are the CPU
time of the run, workers included, and that of the process that draws beside it; then the time that
`autoae dashboard` takes afterwards for what the share did not allow.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

import psutil

from autoae.cli.drawing import published
from autoae.cli.publishing import catch_up, publisher
from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.reading import read_study
from autoae.store.dashboard import Artifacts, Showcase
from autoae.store.runs import artifact_folder, run_root
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def run(url: str, preset: str, trials: int | None, workers: int) -> tuple[float, float]:
    """Run a preset; CPU seconds of the run without the drawing, and of the drawing."""
    overrides = () if trials is None else (f"search.trials={trials}",)
    spec = read_study(preset, overrides=overrides)
    storage = open_storage(url)
    create_study(storage, spec)
    close_storage(storage)
    before = cpu_seconds()
    with published(spec.name, url, None, print) as beside:
        run_study(spec.name, url, RunOptions(workers=workers), SilentObserver())
    return cpu_seconds() - before - beside.seconds, beside.seconds


def after(url: str, name: str) -> tuple[int, float, int]:
    """Trials with pictures after the run, CPU seconds for the rest, trials with pictures then."""
    storage = open_storage(url)
    artifacts = Artifacts(artifact_folder(run_root(url)))

    def pictured() -> int:
        shown = Showcase(storage, name, artifacts)
        numbers = range(len(storage.get_all_trials(storage.get_study_id_from_name(name))))
        return sum(shown.has_pictures(number) for number in numbers)

    first = pictured()
    seconds = catch_up(publisher(storage, url, name, None), threading.Event())
    last = pictured()
    close_storage(storage)
    return first, seconds, last


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--preset", default="digits-hybrid")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url, start = f"sqlite:///{Path(folder)}/autoae.db", time.perf_counter()
        trained, drawn = run(url, given.preset, given.trials, given.workers)
        print(f"{given.preset}, {given.workers} workers: {time.perf_counter() - start:.0f} s")
        print(f"run {trained:.1f} s CPU, drawing {drawn:.2f} s: {100 * drawn / trained:.2f} %")
        first, seconds, last = after(url, given.preset)
        print(f"trials with pictures after the run: {first}")
        print(f"autoae dashboard draws the rest in {seconds:.1f} s CPU: {last}")


if __name__ == "__main__":
    main()
