"""What a GPU gains by replayed steps and by stacks, and how many trials an hour that makes.

For each network: images a second of one training with its steps launched one by one (eager), of
the same replayed as a CUDA graph, and of stacks of 16 and 64, whose images count for every member.
Epochs of all ways take turns; a ratio is that of one round. Then a search of `cifar-hybrid` with
pruning: trials an hour, and the best accuracy.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/gpu.py [--rounds 5] [--case NAME]

It measures on the first CUDA device, or says that there is none and ends with 77. `bench.py --part
gpu` does the same and keeps the figures for `docs/performance.md`. `--device cpu` trains stacks of
2 and 4 on a few images instead and compares their losses with those of single trainings: that
shows that they are right, not how fast they are.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import torch
from cases import CASES, Case
from figures import NOTHING_TO_MEASURE_ON, Figure, add_argument, append
from gpu_search import Search, searched
from gpu_validation import Validation

from autoae.data import load
from autoae.data.resident import ResidentData, resident
from autoae.spec.config import Configuration
from autoae.spec.study import with_seed
from autoae.training import Selection, Training, TrainingError, device_of, fit
from autoae.training.devices import processor, synchronize
from autoae.training.memory import stacked_bytes

GRAPH_TARGET = 4.0
STACK_TARGETS = {"conv": 10.0, "MLP": 30.0, "hybrid": 6.0}
"""How many times the images a second of an eager training, by the first word of a case."""


@dataclass(frozen=True)
class Size:
    """What is trained: on a GPU enough to measure, on a CPU enough to compare.

    Attributes:
        images: Of an epoch.
        held: Images of a validation.
        stacks: How many members each stack has.
        search: The study that is searched.
    """

    images: int
    held: int
    stacks: tuple[int, ...]
    search: Search


GPU = Size(
    12_800, 5000, (16, 64), Search(trials=1000, stack=64, epochs=5, seconds=300, images=None)
)
CPU = Size(192, 100, (2, 4), Search(trials=4, stack=4, epochs=2, seconds=120, images=256))


@dataclass
class Way:
    """One way of training, and what its epochs took.

    Attributes:
        name: As the table shows it.
        training: Of one member, or of a stack.
        epochs: Trains one at a time.
        memory: Bytes that it took for its first epoch, in which a graph is recorded.
        seconds: Of every epoch.
    """

    name: str
    training: Training
    epochs: Iterator[object]
    memory: int = 0
    seconds: list[float] = field(default_factory=list)

    def run(self, device: torch.device) -> None:
        """Train one epoch."""
        synchronize(device)
        start = perf_counter()
        next(self.epochs)
        synchronize(device)
        self.seconds.append(perf_counter() - start)

    def speeds(self, images: int) -> list[float]:
        """Images a second in each round, those of every member."""
        return [images * len(self.training.members) / each for each in self.seconds]

    def share_of_steps(self) -> float:
        """The part of the last epoch in which the members were trained."""
        member = self.training.member(0)
        trained = self.images_of_epoch / member.metrics["samples_per_second"]
        return min(1.0, trained / self.seconds[-1])

    @property
    def images_of_epoch(self) -> int:
        """Images of one member."""
        limit = self.training.member(0).configuration.data.limit
        assert limit is not None
        return limit


def configured(case: Case, images: int) -> Configuration:
    """A case with so many images an epoch, in the precision that the device chooses."""
    found = case.configuration("auto")
    return found.model_copy(update={"data": found.data.model_copy(update={"limit": images})})


def way(name: str, case: Configuration, data: ResidentData, members: int, *, stacked: bool) -> Way:
    """A training that has not begun; the seeds of its members differ."""
    training = Training.create(
        [with_seed(case, seed) for seed in range(members)],
        data,
        select=Selection.by("train_loss"),
        device=data.device,
        stacked=stacked,
    )
    return Way(name, training, fit(training, data))


def begun(
    name: str, case: Configuration, data: ResidentData, members: int, *, stacked: bool
) -> Way:
    """One that has trained an epoch: libraries are loaded, algorithms chosen, graphs recorded."""
    torch.cuda.empty_cache()
    before = torch.cuda.memory_reserved(data.device)
    torch.cuda.reset_peak_memory_stats(data.device)
    found = way(name, case, data, members, stacked=stacked)
    next(found.epochs)
    found.memory = torch.cuda.max_memory_reserved(data.device) - before
    return found


def ways_of(case: Configuration, data: ResidentData, size: Size) -> list[Way]:
    """All ways, the eager one first."""
    plain = begun("eager", case, data, 1, stacked=False)
    graph = begun("graph", case, data, 1, stacked=True)
    stacks = (begun(f"stack of {count}", case, data, count, stacked=True) for count in size.stacks)
    return [plain, graph, *stacks]


def notes_of(ways: Sequence[Way]) -> Iterator[str]:
    """What was said of graphs that failed and of stacks that were too large."""
    for each in ways:
        if each.training.stacks is not None:
            yield from (f"{each.name}: {note}" for note in each.training.stacks.notes)


def measured(case: Case, size: Size, device: torch.device, rounds: int) -> Iterator[Figure]:
    """Let all ways take turns, print them, and give the figures that have a target."""
    options = configured(case, size.images)
    data = resident(load(options.data), options.data, device)
    ways = ways_of(options, data, size)
    for number in range(rounds):
        first = number % len(ways)
        for each in ways[first:] + ways[:first]:
            each.run(device)
    print(f"{case.name}, {ways[0].training.member(0).precision}: {size.images:,} images an epoch")
    eager = ways[0].speeds(size.images)
    for each in ways:
        yield figure(case, each, eager, size.images)
    yield memory_of(case, ways[-1])
    for note in notes_of(ways):
        print(f"  {note}")
    validation = Validation.of(options, size.held, max(size.stacks), device)
    validation.difference()  # Algorithms are chosen.
    validation.run(rounds)
    yield validation.figure(case)


def figure(case: Case, each: Way, eager: Sequence[float], images: int) -> Figure:
    """One way beside the eager one, printed as well."""
    speeds = each.speeds(images)
    ratios = [own / other for own, other in zip(speeds, eager, strict=True)]
    ratio = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    target = target_of(case, each)
    met = None if target is None else median(ratios) >= target
    print(f"  {each.name:12}{median(speeds):>14,.0f} images/s{ratio:>28}")
    missed = f"{each.share_of_steps():.0%} of the time is in the steps" if met is False else ""
    return Figure(
        f"{case.name}: {each.name}",
        f"{median(speeds):,.0f} images/s",
        f"{median(eager):,.0f} images/s eager",
        ratio,
        "" if target is None else f"{target:g} times",
        met,
        missed,
    )


def memory_of(case: Case, stack: Way) -> Figure:
    """What a stack took beside what was estimated for it before it began."""
    members, first = len(stack.training.members), stack.training.member(0)
    plan = first.network.plan
    each = stacked_bytes(first.configuration, plan.image, plan.classes, replayed=True)
    return Figure(
        f"{case.name}: memory of a {stack.name}",
        f"{stack.memory / 1e6:,.0f} MB",
        f"estimated {members * each / 1e6:,.0f} MB",
        f"{stack.memory / (members * each):.2f}",
    )


def target_of(case: Case, each: Way) -> float | None:
    """What is asked of a way; a stack is judged where it is largest."""
    if each.name == "graph":
        return GRAPH_TARGET
    largest = f"stack of {max(GPU.stacks)}"
    return STACK_TARGETS[case.name.split()[0]] if each.name == largest else None


def compared(case: Case, size: Size, device: torch.device) -> float:
    """The largest relative difference of a loss in a stack from that of a single training."""
    options = configured(case, size.images)
    data = resident(load(options.data), options.data, device)
    differences = list[float]()
    for count in size.stacks:
        losses = []
        for stacked in (False, True):
            each = way("", options, data, count, stacked=stacked)
            next(each.epochs)
            losses.append([member.metrics["train_loss"] for member in each.training.members])
        pairs = zip(*losses, strict=True)
        differences += [abs(own - other) / abs(other) for other, own in pairs]
    return max(differences)


def on_cpu(cases: Sequence[Case]) -> None:
    """Show on a CPU that stacks are right, and that a search trains them."""
    device = torch.device("cpu")
    print("on a CPU nothing is measured: tiny stacks, to show that they are right")
    for case in cases:
        difference = compared(case, CPU, device)
        print(f"  {case.name}: losses differ from single trainings by {difference:.1e} at most")
        options = configured(case, CPU.images)
        seen = Validation.of(options, CPU.held, max(CPU.stacks), device).difference()
        print(f"  {case.name}: validated at once they differ by {seen:.1e} at most")
    print(f"  {searched(CPU.search, 'cpu').told}")


def on_gpu(device: torch.device, cases: Sequence[Case], rounds: int) -> Iterator[Figure]:
    """Measure everything."""
    print(f"{processor(device)}, torch {torch.__version__}, {rounds} rounds; ratios to eager")
    for case in cases:
        yield from measured(case, GPU, device, rounds)
        torch.cuda.empty_cache()
    search = searched(GPU.search, str(device))
    print(f"{search.told}: {search.figure.ours}")
    yield search.figure


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, or cpu to compare alone")
    parser.add_argument("--rounds", type=int, default=5, help="epochs of every way (5)")
    parser.add_argument("--case", default="", help="only the networks whose name contains this")
    add_argument(parser)
    given = parser.parse_args()
    try:
        device = device_of(given.device)
    except TrainingError as problem:
        print(f"{problem.message}: nothing was measured; `--device cpu` compares stacks there")
        sys.exit(NOTHING_TO_MEASURE_ON)
    if "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of MNIST and CIFAR-10: AUTOAE_DATA_DIR")
    cases = [case for case in CASES if given.case in case.name]
    if not cases:
        names = "; ".join(case.name for case in CASES)
        raise SystemExit(f"no network has {given.case!r} in its name: {names}")
    if device.type == "cpu":
        on_cpu(cases)
        return
    for found in on_gpu(device, cases, given.rounds):
        append([found], given.figures)


if __name__ == "__main__":
    main()
