"""How soon autoae is there: its help, a list of studies, and the first trial in training.

    python benchmarks/start_up.py

Every command is a process of its own and they take turns: the help beside that of a Typer
application with one empty command, in the same interpreter; the list of a storage of 1,000 trials;
and `study run` up to the moment at which its log says that a trial has begun, beside a mere import
of torch. The images of that study are in the cache already.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import figures
import printing
import search_study
from figures import Figure

from autoae.store.log import StudyLog
from autoae.store.runs import run_root, study_folder

EMPTY = "import typer\n\ndef empty() -> None:\n    'Nothing.'\n\ntyper.run(empty)"
OURS = "from autoae.cli.main import main; main()"
LARGEST_RATIO, LIST_SECONDS, FIRST_SECONDS = 2.0, 1.0, 5.0
LISTED = 1000
WHY_HELP = "python -X importtime: the modules of the commands beside typer and rich"
WHY_LIST = "python -X importtime: pydantic and the declarations of the study file"
WHY_FIRST = "python -X importtime: torch in the worker, optuna and SQLAlchemy in the coordinator"


@dataclass(frozen=True)
class Cost:
    """Of a process, in seconds.

    Attributes:
        cpu: Of it and those that it waited for.
        wall: Until it had ended.
    """

    cpu: float
    wall: float


def cost(code: str, *words: str) -> Cost:
    """Run a piece of Python with arguments and wait for it."""
    before, start = _children(), perf_counter()
    command = [sys.executable, "-c", code, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Cost(_children() - before, perf_counter() - start)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def help_figure(rounds: int) -> Figure:
    """The help, beside an application that does nothing."""
    ours, empty = list[Cost](), list[Cost]()
    for number in range(rounds):
        # Each is first in every other round.
        for code, costs in ((OURS, ours), (EMPTY, empty))[:: 1 - 2 * (number % 2)]:
            costs.append(cost(code, "--help"))
    ratios = [one.cpu / other.cpu for one, other in zip(ours, empty, strict=True)]
    met = median(ratios) <= LARGEST_RATIO
    return Figure(
        what="autoae --help, CPU (wall)",
        ours=_shown(ours),
        other=f"an empty Typer app {_shown(empty)}",
        ratio=f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        target=f"≤ {LARGEST_RATIO:g} times",
        met=met,
        why="" if met else WHY_HELP,
    )


def list_figure(folder: Path, rounds: int) -> Figure:
    """A list of a storage that is no longer small."""
    url = search_study.made(folder, LISTED)
    costs = [cost(OURS, "study", "list", "--storage", url) for _ in range(rounds)]
    met = median(each.wall for each in costs) < LIST_SECONDS
    return Figure(
        what=f"autoae study list, {LISTED:,} trials, CPU (wall)",
        ours=_shown(costs),
        target=f"< {LIST_SECONDS:g} s",
        met=met,
        why="" if met else WHY_LIST,
    )


def first_trial_figure(folder: Path, rounds: int) -> Figure:
    """From `study run` to a trial in training, images in the cache."""
    url = f"sqlite:///{folder}/studies.db"
    short = ("--set", "training.epochs=1", "--set", "search.trials=1")
    cost(OURS, "study", "create", search_study.NAME, *short, "--storage", url, "--run")
    first, torch = list[float](), list[Cost]()
    for number in range(rounds):
        torch.append(cost("import torch"))
        first.append(_seconds_to_first(url, trials=number + 2))
    met = median(first) <= FIRST_SECONDS
    return Figure(
        what="from autoae study run to its first trial in training, wall",
        ours=f"{median(first):.1f} s (longest {max(first):.1f})",
        other=f"import torch alone {median(each.wall for each in torch):.1f} s",
        target=f"≤ {FIRST_SECONDS:g} s",
        met=met,
        why="" if met else WHY_FIRST,
    )


def _seconds_to_first(url: str, trials: int) -> float:
    """Run one trial more; the seconds until the log says that it has begun."""
    start = datetime.now()
    cost(OURS, "study", "run", search_study.NAME, "--trials", str(trials), "--storage", url)
    log = StudyLog(study_folder(run_root(url), search_study.NAME)).read()
    begun = [line.at for line in log if line.event == "started" and line.at > start]
    return (begun[0] - start).total_seconds()


def _shown(costs: Sequence[Cost]) -> str:
    cpu, wall = (median(each.cpu for each in costs), median(each.wall for each in costs))
    return f"{cpu:.2f} s ({wall:.2f})"


def measured(rounds: int) -> Iterator[Figure]:
    """Every figure, as soon as it is known."""
    yield help_figure(rounds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOAE_CACHE_DIR"] = str(Path(folder) / "cache")
        yield list_figure(Path(folder), rounds)
        yield first_trial_figure(Path(folder), max(1, rounds // 2))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="turns of every command (7)")
    figures.add_argument(parser)
    given = parser.parse_args()
    printing.tell(measured(given.rounds), given.figures)


if __name__ == "__main__":
    main()
