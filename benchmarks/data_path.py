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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil
import torch
from cases import CASES, Case
from figures import Figure, add_argument, append
from torch.utils.data import DataLoader

from autoae.data import ImageData, load
from autoae.data.resident import Batch, ResidentData, resident
from autoae.models import build
from autoae.training import Selection, Training, fit
from autoae.training.devices import denormals_flushed
from autoae.training.forward import arranged
from autoae.training.loss import Loss
from autoae.training.optimizers import make_optimizer

CPU = torch.device("cpu")
WAYS = (
    "DataLoader, 0 workers",
    "DataLoader, 2 workers",
    "autoae, float32",
    "autoae, automatic",
    "arithmetic, float32",
    "arithmetic, automatic",
)
AIMS = {"MLP": None, "conv": 2.5, "hybrid": 2.0}
"""What the automatic precision is hoped to reach, by the first word of a case."""


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
    training, images = _training(case, data, precision)
    return training.member(0).precision, fit(training, images)


def arithmetic(case: Case, data: ImageData, precision: str) -> tuple[str, Iterator[object]]:
    """The same steps on one batch that lies ready: what no way of reading images can beat."""
    training, images = _training(case, data, precision)
    member, size = training.member(0), training.member(0).configuration.training.batch_size
    first = next(images.train_batches(size, torch.Generator()))
    batch = Batch(arranged(first.images, member.precision), first.labels)

    def epochs() -> Iterator[None]:
        while True:
            with denormals_flushed(CPU), member.stage.training(member.network):
                for _ in range(images.steps(size)):
                    member.engine.gradients(batch, batch.images)
                    member.optimizer.step()
            yield

    return member.precision, epochs()


def _training(case: Case, data: ImageData, precision: str) -> tuple[Training, ResidentData]:
    configuration = case.configuration(precision)
    images = resident(data, configuration.data, CPU)
    select = Selection.by("train_loss")
    return Training.create([configuration], images, select=select, device=CPU), images


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
        begin = autoae_epochs if way.startswith("autoae") else arithmetic
        precision, epochs = begin(case, data, "float32" if "32" in way else "auto")
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


def measure(setting: Setting, rounds: int) -> list[Figure]:
    """Let all ways take turns, print the rows of the case and give its figures."""
    with ExitStack() as stack:
        started = [start(name, setting, stack) for name in WAYS]
        # Where the automatic precision is float32, it is the same way twice.
        ways = [
            way for way in started if (way.name[-9:], way.precision) != ("automatic", "float32")
        ]
        for number in range(rounds):
            # Every way is first in some round: whoever comes last may find the machine warmer.
            first = number % len(ways)
            for way in ways[first:] + ways[:first]:
                way.run()
    case = CASES[setting.case]
    better = [min(pair) for pair in zip(ways[0].wall, ways[1].wall, strict=True)]
    _print_rows(case, ways, better)
    return _figures(case, ways, better)


def _ratios(way: Way, better: Sequence[float]) -> list[float]:
    return [theirs / own for theirs, own in zip(better, way.wall, strict=True)]


def _target(case: Case, way: Way) -> float | None:
    """Of the data path alone in float32; as it comes, an aim for the convolutions."""
    if way.name == "autoae, float32":
        return case.target
    return AIMS[case.name.split()[0]] if way.name == "autoae, automatic" else None


def _print_rows(case: Case, ways: list[Way], better: Sequence[float]) -> None:
    size = case.tree["data"]["limit"]
    print(f"{case.name}: {size:,} images an epoch; target {case.target:g} times")
    for way in ways:
        ratios, target = _ratios(way, better), _target(case, way)
        name = way.name.replace("automatic", f"automatic ({way.precision})")
        verdict = "reached" if target and median(ratios) >= target else "missed" if target else ""
        print(
            f"  {name:30}{size / median(way.wall):>10,.0f}{median(way.wall):>8.2f}"
            f"{median(way.cpu):>8.2f}{median(ratios):>8.2f}  "
            f"({min(ratios):.2f} to {max(ratios):.2f})  {verdict}"
        )


def _figures(case: Case, ways: list[Way], better: Sequence[float]) -> list[Figure]:
    bounds = {way.precision: way for way in ways if way.name.startswith("arithmetic")}
    ours = [way for way in ways if way.name.startswith("autoae")]
    return [_figure(case, way, bounds[way.precision], better) for way in ours]


def _figure(case: Case, way: Way, bound: Way, better: Sequence[float]) -> Figure:
    size, ratios, target = case.tree["data"]["limit"], _ratios(way, better), _target(case, way)
    met = None if target is None else median(ratios) >= target
    why = (
        f"{median(bound.wall) / median(way.wall):.0%} of the time is forward, backward and "
        f"optimizer on a batch that lies ready; images that cost nothing would give a ratio of "
        f"{median(_ratios(bound, better)):.2f}"
    )
    return Figure(
        f"training: {case.name}, {way.precision}",
        f"{size / median(way.wall):,.0f} images/s",
        f"{size / median(better):,.0f} images/s",
        f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        f"{target:g}" if target else "",
        met,
        "" if met is not False else why,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5, help="epochs of every way (5)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (1)")
    parser.add_argument(
        "--transforms", choices=["v1", "v2"], default="v1", help="of torchvision (v1, the faster)"
    )
    parser.add_argument("--data", type=Path, help="directory of the data sets (AUTOAE_DATA_DIR)")
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    add_argument(parser)
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
                append(measure(setting, arguments.rounds), arguments.figures)
    print(_load())


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    main()
