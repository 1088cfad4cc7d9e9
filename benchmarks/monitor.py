"""What the monitor costs: first paint, a poll, the share of a processor, and what watching costs.

    python benchmarks/monitor.py
    python benchmarks/monitor.py --trials 100 1000 10000 --seconds 20

Storages are made by plain SQL with two running trials, one of which reports an epoch before every
poll. CPU seconds are those of the whole process; on a loaded machine trust them more than the wall
clock. What watching costs a run is measured on the writer's side: the time of a commit with and
without a monitor that polls beside it, interleaved.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, process_time, sleep

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import Figure, add_argument, append

from autoae.store.tables import TableReader
from autoae.views.tui.app import Monitor
from autoae.views.tui.screen import DataScreen
from autoae.views.tui.storage_source import StorageSource
from autoae.views.tui.study import StudyScreen
from tests.synthetic import add_epoch, fill

POLLS = 20
FRAME = 0.5
"""Seconds in which the monitor is to show its frame."""
PAIRS = 100


@dataclass(frozen=True)
class Row:
    """The figures of one size, in seconds.

    Attributes:
        trials: How many there are.
        frame: From the start of the app to its frame, wall clock.
        counts: To counts and best value, wall clock.
        all: To the whole study, wall clock.
        stall: The longest time for which a key would have waited meanwhile.
        cold: CPU time of the first look at the storage.
        warm: CPU time of a poll after an epoch.
        share: CPU time of the app in a second of watching.
    """

    trials: int
    frame: float
    counts: float
    all: float
    stall: float
    cold: float
    warm: float
    share: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--seconds", type=float, default=10.0, help="watched for the CPU share")
    add_argument(parser)
    given = parser.parse_args()
    print("| trials | frame | counts, best | all | longest stall | first look, CPU | poll, CPU "
          "| CPU share |")  # fmt: skip
    print("| ---: |" + " ---: |" * 7)
    for trials in given.trials:
        with tempfile.TemporaryDirectory() as folder:
            row = measured(Path(folder), trials, given.seconds)
            print(_line(row), flush=True)
            append(_figures(row), given.figures)
    with tempfile.TemporaryDirectory() as folder:
        alone, watched = watching(Path(folder))
    print(f"\na commit of the run: {1e3 * alone:.2f} ms alone, {1e3 * watched:.2f} ms watched "
          "(CPU of the writer, medians, 1,000 trials)")  # fmt: skip


def _figures(row: Row) -> list[Figure]:
    met = row.frame < FRAME
    why = "" if met else f"counts came after {row.counts:.2f} s, everything after {row.all:.2f} s"
    what = f"monitor's frame, {row.trials:,} trials"
    return [Figure(what, f"{row.frame:.2f} s", target=f"< {FRAME} s", met=met, why=why)]


def _line(row: Row) -> str:
    seconds = (row.frame, row.counts, row.all)
    milliseconds = (row.stall, row.cold, row.warm)
    cells = [f"{row.trials:,}", *(f"{each:.2f} s" for each in seconds)]
    cells += [f"{1e3 * each:.1f} ms" for each in milliseconds]
    return f"| {' | '.join(cells)} | {row.share:.1%} |"


def measured(folder: Path, trials: int, seconds: float) -> Row:
    """Everything about one size."""
    url = fill(folder, trials)
    cold, warm = _reads(folder, url, trials)
    frame, counts, whole, stall, share = asyncio.run(_watched(url, folder, trials, seconds))
    return Row(trials, frame, counts, whole, stall, cold, warm, share)


def _reads(folder: Path, url: str, trials: int) -> tuple[float, float]:
    reader = TableReader(url, "many")
    cold, polls = _cpu(reader.read), []
    for epoch in range(100, 100 + POLLS):
        add_epoch(folder, trials - 1, epoch, 0.9)
        polls.append(_cpu(reader.read))
    reader.close()
    return cold, median(polls)


async def _watched(
    url: str, folder: Path, trials: int, seconds: float
) -> tuple[float, float, float, float, float]:
    start = perf_counter()
    app = Monitor(StorageSource(url), study="many")
    async with app.run_test(size=(120, 40)):
        beats = asyncio.create_task(_heartbeat())
        frame = await _since(start, lambda: isinstance(app.screen, DataScreen) and app.screen.ready)
        counts = await _since(start, lambda: app.listed)
        whole = await _since(start, lambda: _screen(app).view is not None)
        await asyncio.sleep(1.0)
        beats.cancel()
        used, end, epoch = process_time(), perf_counter() + seconds, 200
        while perf_counter() < end:
            add_epoch(folder, trials - 1, epoch, 0.9)
            epoch += 1
            await asyncio.sleep(1.0)
        share = (process_time() - used) / seconds
    app.source.close()
    return frame, counts, whole, max(_GAPS, default=0.0), share


def _screen(app: Monitor) -> StudyScreen:
    assert isinstance(app.screen, StudyScreen)
    return app.screen


_GAPS: list[float] = []


async def _heartbeat() -> None:
    """How late a timer of 5 ms comes: so long a key would have waited."""
    _GAPS.clear()
    while True:
        before = perf_counter()
        await asyncio.sleep(0.005)
        _GAPS.append(perf_counter() - before - 0.005)


async def _since(start: float, condition: Callable[[], bool]) -> float:
    while not condition():
        await asyncio.sleep(0.005)
    return perf_counter() - start


def watching(folder: Path) -> tuple[float, float]:
    """CPU seconds of a commit alone, and with a reader that polls as fast as it can."""
    url = fill(folder, 1000)
    alone, watched = list[float](), list[float]()
    epoch = 100
    for _ in range(PAIRS // 10):
        for seconds, polled in ((alone, False), (watched, True)):
            stop = Event()
            thread = Thread(target=_poll, args=(url, stop)) if polled else None
            if thread is not None:
                thread.start()
            for _ in range(10):
                epoch += 1
                seconds.append(_thread_cpu(folder, epoch))
            stop.set()
            if thread is not None:
                thread.join()
    return median(alone), median(watched)


def _poll(url: str, stop: Event) -> None:
    reader = TableReader(url, "many")
    while not stop.is_set():
        reader.read()
        sleep(0.05)
    reader.close()


def _thread_cpu(folder: Path, epoch: int) -> float:
    from time import thread_time

    start = thread_time()
    add_epoch(folder, 999, epoch, 0.9)
    return thread_time() - start


def _cpu(do: Callable[[], object]) -> float:
    start = process_time()
    do()
    return process_time() - start


if __name__ == "__main__":
    main()
