"""Coordinators with a thousand workers in virtual time, see `scale_workers`.

Coordinators, storage, sampler and pruner are the real ones. Several coordinators work at the same
virtual time, each on a machine of its own, and share one storage; that they wait for each other's
turns there is not played, but the time of all turns is told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from front_table import Row
from scale_workers import Clock, Simulated

from autoae.search import book, coordinator, dispatch, ending, inbox, others, progress
from autoae.search.asking import Asker
from autoae.search.book import Book
from autoae.search.coordinator import Coordinator
from autoae.search.dispatch import Dispatcher
from autoae.search.ending import Watch
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.judge import judge_for
from autoae.search.keeper import Keeper
from autoae.search.ledger import Ledger
from autoae.search.observer import SilentObserver
from autoae.search.orders import Orders
from autoae.search.others import Others
from autoae.search.run import equip
from autoae.search.stacking import Stacking
from autoae.search.surroundings import Surroundings
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.leases import Lease, own_lease
from autoae.store.requests import Requests
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study

TIMED = (book, coordinator, ending, inbox, others, progress)
"""Modules that look at the clock."""
STUDY = """\
data: {{dataset: digits}}
model:
  encoder: {{kind: mlp, depth: {{min: 1, max: 3}}, width: {{values: [16, 32, 64]}}}}
  latent: {{min: 2, max: 32, log: true}}
training: {{lr: {{min: 1.0e-4, max: 1.0e-1, log: true}}, epochs: {epochs}}}
objectives: [{{metric: val_mse, direction: minimize}}]
search: {{method: {method}, trials: {trials}}}
"""
NAME = "played"


@dataclass(frozen=True)
class Play:
    """What is simulated.

    Attributes:
        coordinators: How many, each with the same number of workers.
        workers: Of all of them.
        trials: The budget.
        epoch_seconds: What an epoch takes on average.
        method: The sampler.
    """

    coordinators: int
    workers: int
    trials: int
    epoch_seconds: float
    method: str


@dataclass(frozen=True)
class Played:
    """What came of it.

    Attributes:
        play: What was simulated.
        seconds: Virtual, until the last trial had ended.
        complete: Trials that were trained to the end.
        pruned: Trials that were not.
        epochs: That were trained.
        occupancy: Which share of the time a coordinator worked.
        turns: Which share of the time some coordinator had its turn.
        waited: Which share of their time workers waited for an answer or a trial.
    """

    play: Play
    seconds: float
    complete: int
    pruned: int
    epochs: int
    occupancy: float
    turns: float
    waited: float


class Time:
    """In the place of the module `time`: the clock of the machine whose turn it is."""

    def __init__(self) -> None:
        self.clock = Clock()

    def monotonic(self) -> float:
        """Seconds of virtual time."""
        return self.clock.now


class TimedLedger(Ledger):
    """A ledger that knows how long its turns were."""

    turns = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the others out."""
        with super().turn():
            begun = perf_counter()
            yield
            self.turns += perf_counter() - begun


@dataclass(frozen=True)
class Machine:
    """A coordinator and its simulated workers.

    Attributes:
        name: Of the machine, for its leases.
        clock: Its virtual time.
        coordinator: The real one.
        ledger: Its trials.
        pool: Its workers.
    """

    name: str
    clock: Clock
    coordinator: Coordinator
    ledger: TimedLedger
    pool: Simulated

    def lease(
        self, worker: int, _pid: int, sampler_seed: int | None = None, _node: str = ""
    ) -> Lease:
        """Of another machine than this one, so that the coordinators do not see each other die."""
        return replace(own_lease(worker, 1, sampler_seed), host=self.name)

    def step(self) -> bool:
        """One turn of its loop; says whether it goes on."""
        self.pool.resume()
        self.coordinator._turn()
        return bool(self.coordinator.book.running) or self.coordinator._waits()


def played(play: Play, curves: Sequence[Row], url: str) -> Played:
    """Play it in a storage of its own.

    Args:
        play: What.
        curves: To be replayed, all of as many epochs.
        url: Of a storage without studies.
    """
    epochs = len(curves[0].seconds)
    text = STUDY.format(epochs=epochs, method=play.method, trials=play.trials)
    spec = study_from_text(text, name=NAME, source=NAME)
    storage = open_storage(url)
    create_study(storage, spec)
    time = Time()
    with _virtual(time):
        machines = [_machine(spec, play, curves, url, place) for place in range(play.coordinators)]
        _play(machines, time)
    found = read_snapshot(load_study(storage, NAME))
    close_storage(storage)
    seconds = max(each.clock.now for each in machines)
    trained = sum(each.pool.trained for each in machines)
    return Played(
        play=play,
        seconds=seconds,
        complete=len(found.of_state("COMPLETE")),
        pruned=len(found.of_state("PRUNED")),
        epochs=sum(each.pool.epochs for each in machines),
        occupancy=max(each.clock.busy for each in machines) / seconds,
        turns=sum(each.ledger.turns for each in machines) / seconds,
        waited=1 - trained / (play.workers * seconds),
    )


@contextmanager
def _virtual(time: Time) -> Iterator[None]:
    before = {module: module.__dict__["time"] for module in TIMED}
    for module in TIMED:
        module.__dict__["time"] = time
    try:
        yield
    finally:
        for module, kept in before.items():
            module.__dict__["time"] = kept
        dispatch.__dict__["own_lease"] = own_lease


def _play(machines: Sequence[Machine], time: Time) -> None:
    """Let the machine go on whose clock is behind the others."""
    going = list(machines)
    for each in going:
        time.clock = each.clock
        dispatch.__dict__["own_lease"] = each.lease
        each.pool.start()
        each.coordinator._feed()
    while going:
        each = min(going, key=lambda machine: machine.clock.now)
        time.clock = each.clock
        dispatch.__dict__["own_lease"] = each.lease
        if not each.step():
            going.remove(each)
            close_storage(each.ledger._storage)


def _machine(spec: StudySpec, play: Play, curves: Sequence[Row], url: str, place: int) -> Machine:
    storage = open_storage(url)
    study = load_study(storage, NAME)
    ledger, observer, clock = TimedLedger(storage, study), SilentObserver(), Clock()
    seed = equip(ledger, spec)
    judge = judge_for(spec, ledger)
    kept = Book(spec, ledger, judge, observer)
    pool = Simulated(play.workers // play.coordinators, clock, curves, play.epoch_seconds)
    interrupts, asked = Interrupts(), Inbox(study, Requests())
    surroundings = Surroundings(lambda: None, pool.size, observer.log)
    made = Coordinator(
        epoch_timeout=None,
        dispatcher=Dispatcher(
            ledger=ledger,
            asker=Asker(ledger, spec, None),
            orders=Orders(spec, judge, Path("unused"), None, False, Keeper(None, observer)),
            book=kept,
            pool=pool,
            stacking=Stacking("off"),
            sampler_seed=seed,
        ),
        book=kept,
        pool=pool,
        surroundings=surroundings,
        watch=Watch(interrupts, asked, kept.tally, surroundings, None),
        inbox=asked,
        interrupts=interrupts,
        observer=observer,
        others=Others(ledger, observer),
    )
    return Machine(f"machine-{place}", clock, made, ledger, pool)


def lines(rows: Sequence[Played]) -> list[str]:
    """A table in Markdown."""
    head = (
        "| coordinators | workers of each | an epoch | trials, of them pruned | took | trials an "
        "hour | a coordinator works | somebody has a turn | workers wait |"
    )
    return [head, "|" + " ---: |" * 9, *(_line(row) for row in rows)]


def _line(row: Played) -> str:
    play, ended = row.play, row.complete + row.pruned
    return (
        f"| {play.coordinators} | {play.workers // play.coordinators:,} "
        f"| {play.epoch_seconds:g} s | {ended:,}, {row.pruned / ended:.0%} "
        f"| {row.seconds / 60:.1f} min | {3600 * ended / row.seconds:,.0f} "
        f"| {row.occupancy:.0%} | {row.turns:.0%} | {row.waited:.0%} |"
    )
