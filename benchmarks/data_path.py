"""How fast autoae trains, against torchvision data sets, transforms and DataLoader.

Same network, initial weights, optimizer, loss, batch size and thread count; what differs is how
a batch comes about and where freed memory goes, and that autoae computes its metrics as well.
Every way has a process of its own, and whole epochs of them take turns, so that what disturbs
one disturbs the others; the ratio of a round is what counts.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/data_path.py --rounds 5

Images are decoded into a temporary cache, which is removed at the end.
"""

import argparse
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil
import torch
from cases import CASES, Case
from torch.utils.data import DataLoader

from autoae.data import ImageData, load
from autoae.data.resident import resident
from autoae.models import build
from autoae.training import Selection, Training, fit
from autoae.training.loss import Loss
from autoae.training.optimizers import make_optimizer

CPU = torch.device("cpu")
WAYS = ("DataLoader, 0 workers", "DataLoader, 2 workers", "autoae, float32", "autoae, automatic")


@dataclass(frozen=True)
class Setting:
    """What the processes are told.

    Attributes:
        case: Place in `CASES`.
        api: Of torchvision's transforms, `v1` or `v2`.
        threads: Of torch.
    """

    case: int
    api: str
    threads: int


def loader_epochs(case: Case, data: ImageData, workers: int, api: str) -> Iterator[None]:
    """The plain loop of PyTorch; a step is an epoch."""
    configuration = case.configuration("float32")
    model, options = configuration.model, configuration.training
    network = build(model, data.facts.shape, len(data.facts.classes), seed=options.seed)
    weights, loss = list(network.parameters()), Loss.of(configuration)
    optimizer = make_optimizer(weights, options, CPU)
    batches = DataLoader(
        case.theirs(data, api),
        options.batch_size,
        shuffle=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    network.train()
    while True:
        for images, labels in batches:
            terms = loss.terms(network(images), images, labels, weights)
            optimizer.zero_grad()
            terms.total.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        yield


def autoae_epochs(case: Case, data: ImageData, precision: str) -> tuple[str, Iterator[object]]:
    """Training as autoae does it: the precision that was chosen, and a step an epoch."""
    configuration = case.configuration(precision)
    images = resident(data, configuration.data, CPU)
    select = Selection.by("train_loss")
    training = Training.create([configuration], images, select=select, device=CPU)
    return training.member(0).precision, fit(training, images)


def serve(way: str, setting: Setting, line: Connection) -> None:
    """Be the process of one way: train an epoch whenever asked, and answer with its times."""
    torch.set_num_threads(setting.threads)
    case = CASES[setting.case]
    data = load(case.configuration("float32").data)
    if way.startswith("DataLoader"):
        workers = int(way.split()[1])
        epochs: Iterator[object] = loader_epochs(case, data, workers, setting.api)
        precision = "float32"
    else:
        precision, epochs = autoae_epochs(case, data, "float32" if "32" in way else "auto")
    next(epochs)
    line.send(precision)
    while line.recv():
        wall, cpu = perf_counter(), _cpu_seconds()
        next(epochs)
        line.send((perf_counter() - wall, _cpu_seconds() - cpu))


def _cpu_seconds() -> float:
    """Of this process and of the workers that it has."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


@dataclass
class Way:
    """One way of training, in its process, and what its epochs took."""

    name: str
    line: Connection
    precision: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Train one epoch."""
        self.line.send(True)
        wall, cpu = self.line.recv()
        self.wall.append(wall)
        self.cpu.append(cpu)


def start(name: str, setting: Setting, stack: ExitStack) -> Way:
    """Start the process of a way and wait for its first epoch, which does not count."""
    spawning = multiprocessing.get_context("spawn")
    line, theirs = spawning.Pipe()
    process = spawning.Process(target=serve, args=(name, setting, theirs))
    process.start()
    theirs.close()
    stack.callback(process.join)
    stack.callback(line.send, False)
    return Way(name, line, line.recv())


def measure(setting: Setting, rounds: int) -> None:
    """Let all ways take turns and print the rows of the case."""
    with ExitStack() as stack:
        started = [start(name, setting, stack) for name in WAYS]
        ways = [way for way in started if (way.name, way.precision) != (WAYS[-1], "float32")]
        for number in range(rounds):
            # Every way is first in some round: whoever comes last may find the machine warmer.
            first = number % len(ways)
            for way in ways[first:] + ways[:first]:
                way.run()
    _print_rows(CASES[setting.case], ways)


def _print_rows(case: Case, ways: list[Way]) -> None:
    size = case.tree["data"]["limit"]
    better = [min(pair) for pair in zip(ways[0].wall, ways[1].wall, strict=True)]
    print(f"{case.name}: {size:,} images an epoch; target {case.target:g} times")
    for way in ways:
        ratios = [theirs / own for theirs, own in zip(better, way.wall, strict=True)]
        name = way.name.replace("automatic", f"automatic ({way.precision})")
        print(
            f"  {name:30}{size / median(way.wall):>10,.0f}{median(way.wall):>8.2f}"
            f"{median(way.cpu):>8.2f}{median(ratios):>8.2f}  "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
            f"{_verdict(way, median(ratios), case.target)}"
        )


def _verdict(way: Way, ratio: float, target: float) -> str:
    """The target is one of the data path alone, so of float32."""
    if way.name != "autoae, float32":
        return ""
    return "  reached" if ratio >= target else "  missed"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5, help="epochs of every way (5)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (1)")
    parser.add_argument(
        "--transforms", choices=["v1", "v2"], default="v1", help="of torchvision (v1, the faster)"
    )
    parser.add_argument("--data", type=Path, help="directory of the data sets (AUTOAE_DATA_DIR)")
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    if arguments.data:
        os.environ["AUTOAE_DATA_DIR"] = str(arguments.data)
    if "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of MNIST and CIFAR-10: --data or AUTOAE_DATA_DIR")
    print(
        f"torch {torch.__version__}, {arguments.threads} thread(s), {os.cpu_count()} cores, "
        f"transforms {arguments.transforms}, {arguments.rounds} rounds, {_load()}"
    )
    print(f"  {'':30}{'images/s':>10}{'wall s':>8}{'CPU s':>8}{'ratio':>8}  (range)", end="")
    print("  ratio: to the better DataLoader of each round")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AUTOAE_CACHE_DIR"] = cache
        for number, case in enumerate(CASES):
            if arguments.case in case.name:
                setting = Setting(number, arguments.transforms, arguments.threads)
                measure(setting, arguments.rounds)
    print(_load())


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    main()
