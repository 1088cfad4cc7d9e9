"""How long it takes to ask for a trial of a study that has many already."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

from scale_filling import NAME, fill_server

from autoae.search.asking import Asker
from autoae.search.budget import Census
from autoae.search.ledger import Ledger
from autoae.search.run import equip
from autoae.store.leases import own_lease
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study, study_budget, study_spec
from tests.store.postgres import running_server


@dataclass(frozen=True)
class Asking:
    """The figures of one size, in seconds of the wall clock.

    Attributes:
        trials: How many the study has.
        running: How many of them run.
        first: The first look at all of them, once a coordinator.
        turn: Counting and starting, one coordinator after the other.
        choosing: What the sampler takes, of each coordinator for itself.
    """

    trials: int
    running: int
    first: float
    turn: float
    choosing: float


def measured(trials: int, running: int, asks: int) -> Asking:
    """Ask a study on a PostgreSQL server of its own so many times; medians."""
    with running_server() as server:
        fill_server(server.url, trials, running=running)
        return _asked(server.url, trials, running, asks)


def _asked(url: str, trials: int, running: int, asks: int) -> Asking:
    storage = open_storage(url)
    ledger = Ledger(storage, load_study(storage, NAME))
    spec = study_spec(ledger.study)
    lease = own_lease(0, 1, equip(ledger, spec))
    asker, census = Asker(ledger, spec, None), Census()
    begun = perf_counter()
    ledger.trials()
    first, turns, choices = perf_counter() - begun, list[float](), list[float]()
    for _ in range(asks):
        begun = perf_counter()
        with ledger.turn():
            known = ledger.trials()
            assert census.left(study_budget(ledger.study), known) > 0
            trial = asker.start(lease, known)
        started = perf_counter()
        assert trial is not None
        asker.propose(trial, known)
        choices.append(perf_counter() - started)
        turns.append(started - begun)
        ledger.complete(trial.number, [0.5])
    close_storage(storage)
    return Asking(trials, running, first, median(turns), median(choices))


def lines(rows: list[Asking]) -> list[str]:
    """A table in Markdown."""
    head = (
        "| trials | of them running | first look | a turn | the sampler | asks a second, one "
        "coordinator | trials started a second, all coordinators, at most |"
    )
    return [head, "|" + " ---: |" * 7, *(_line(row) for row in rows)]


def _line(row: Asking) -> str:
    one, all_of_them = 1 / (row.turn + row.choosing), 1 / row.turn
    return (
        f"| {row.trials:,} | {row.running:,} | {row.first:.2f} s | {1e3 * row.turn:.1f} ms "
        f"| {1e3 * row.choosing:.0f} ms | {one:.1f} | {all_of_them:.0f} |"
    )
