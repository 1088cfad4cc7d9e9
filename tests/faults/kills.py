"""Kill coordinators and workers of one study at moments drawn at random, and see what is lost.

    python -m tests.faults.kills --kills 100

The moments are drawn uniformly over the wall time of the study, which is taken up again after each.
Whoever is killed, coordinator or one of two workers, is drawn as well. All processes are forked
from one that has imported everything, so that less of the time is spent on starting.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from autoae.search import others, results
from autoae.search.launch import Worker
from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.search.worker import work
from autoae.store.attributes import BUDGET
from autoae.store.snapshot import TrialSnapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from tests.faults.crew import Watched
from tests.faults.invariants import invariants
from tests.faults.phases import (
    PHASES,
    ROLES,
    Role,
    living,
    read_phase,
    watch_coordinator,
    watch_worker,
)
from tests.search.support import TINY, create, tiny

WORKERS = 2
GAP_SECONDS = 3.0
"""Between two kills, on average."""
AFTERWARDS = 4
"""Trials that are still to come when the last one is killed."""
COMPARED = 10
TEXT = TINY.replace("epochs: 2", "epochs: 150")
SEARCH = "search: {method: random, pruner: none, trials: 100000}\n"


@dataclass(frozen=True)
class Kills:
    """What was done and what came of it.

    Attributes:
        counted: Kills by role and phase.
        seconds: Over which they were spread.
        trials: That ended well.
        repeated: Trials that were lost and asked again.
        lost: Trials that had ended well and have not, or otherwise, at the end.
    """

    counted: Counter[tuple[Role, str]]
    seconds: float
    trials: int
    repeated: int
    lost: int


def killed(folder: Path, kills: int, seed: int = 0, gap: float = GAP_SECONDS) -> Kills:
    """Run a study, kill what runs it again and again, and check it at the end.

    Args:
        folder: Of the storage; empty.
        kills: How many.
        seed: Of moments and victims.
        gap: Seconds between two of them, on average.

    Raises:
        AssertionError: Something was lost, doubled or damaged.
    """
    url = f"sqlite:///{folder / 'studies.db'}"
    create(url, tiny(SEARCH, text=TEXT))
    storage = open_storage(url)
    study = load_study(storage, "tiny")
    try:
        hunt = _Hunt(url, folder / "phases", Watched(study), random.Random(seed))
        began = time.monotonic()
        hunt.hunt(sorted(hunt.random.uniform(0.0, kills * gap) for _ in range(kills)))
        seconds = time.monotonic() - began
        budget = len(hunt.seen.read().counted) + AFTERWARDS
        study.set_user_attr(BUDGET, budget)
        hunt.end()
    finally:
        close_storage(storage)
    found = invariants(url, budget, COMPARED)
    lost = sum(found.trials[each.number] != each for each in hunt.finished.values())
    repeated = sum(trial.retried_from is not None for trial in found.trials)
    return Kills(hunt.counted, seconds, len(found.of_state("COMPLETE")), repeated, lost)


class _Hunt:
    def __init__(self, url: str, folder: Path, seen: Watched, rng: random.Random) -> None:
        self.counted = Counter[tuple[Role, str]]()
        self.finished = dict[int, TrialSnapshot]()
        self.seen, self.random = seen, rng
        self._url, self._folder = url, folder
        folder.mkdir()
        self._coordinator = self._started()

    def hunt(self, moments: Sequence[float]) -> None:
        """Kill somebody at each of these moments."""
        began = time.monotonic()
        for moment in moments:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            self._kill()
            if not self._coordinator.is_alive():
                self._coordinator = self._started()
            complete = self.seen.read().of_state("COMPLETE")
            for trial in complete:
                self.finished.setdefault(trial.number, trial)

    def end(self) -> None:
        """Wait until the study is done."""
        self._coordinator.join()
        assert self._coordinator.exitcode == 0

    def _kill(self) -> None:
        role: Role = self.random.choices(ROLES, [1, WORKERS])[0]
        while not (victims := living(self._folder, role)):
            time.sleep(0.001)  # Those that were killed are on their way back.
        pid = self.random.choice(victims)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            phase = read_phase(self._folder, pid)
            os.kill(pid, signal.SIGKILL)
            self.counted[role, phase] += 1
        if role == "coordinator":
            self._coordinator.join()

    def _started(self) -> ForkServerProcess:
        context = get_context("forkserver")
        context.set_forkserver_preload(["torch", __name__])
        words = (self._url, str(self._folder))
        process = context.Process(target=_coordinate, args=words, name="coordinator")
        process.start()
        return process


def _coordinate(url: str, folder: str) -> None:
    watch_coordinator(Path(folder))
    # Short times in the place of those that suit trainings of minutes.
    others.LOOK_SECONDS = 0.2

    def launch(index: int) -> Worker:
        context = get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, folder), daemon=True)
        process.start()
        theirs.close()
        return Worker(index, process, ours)

    # Moments at random hit one trial as often as they like.
    options = RunOptions(workers=WORKERS, retries=1000)
    run_study("tiny", url, options, SilentObserver(), launch=launch)


def _work(connection: Connection, folder: str) -> None:
    watch_worker(Path(folder))
    results.CHECKPOINT_SECONDS = 0.0
    work(connection)


def table(kills: Kills) -> str:
    """What is printed, in Markdown."""
    rows = [(phase, [kills.counted[role, phase] for role in ROLES]) for phase in PHASES]
    lines = ["| killed by SIGKILL | coordinator | a worker |", "| --- | ---: | ---: |"]
    lines += [f"| {phase} | {them[0]} | {them[1]} |" for phase, them in rows if any(them)]
    sums = [sum(them[place] for _, them in rows) for place in range(2)]
    lines.append(f"| together | {sums[0]} | {sums[1]} |")
    return "\n".join(
        [
            *lines,
            "",
            f"{kills.counted.total()} kills within {kills.seconds:.0f} s; {kills.trials} trials "
            f"complete, {kills.repeated} repetitions of lost ones, losses: {kills.lost}",
        ]
    )


def main() -> None:
    """Print the table; ends with an error where an invariant is broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of moments and victims")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOAE_CACHE_DIR"] = f"{folder}/cache"
        found = killed(Path(folder), asked.kills, asked.seed)
        sys.stdout.write(table(found) + "\n")
        assert found.lost == 0


if __name__ == "__main__":
    main()
