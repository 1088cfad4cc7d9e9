"""Who trains: each worker with its device, epoch, speed and last sign of life."""

import time
from dataclasses import dataclass

from textual.app import ComposeResult

from autoae.store.leases import Lease
from autoae.store.snapshot import TrialSnapshot
from autoae.store.workers import QUIET_SECONDS
from autoae.views.numbers import roughly, short
from autoae.views.tui.looks import state_text
from autoae.views.tui.panels.panel import Panel, Recipe, epochs_of, now_of
from autoae.views.tui.rows import Cell, Column, Rows, Table
from autoae.views.tui.source import StudyView


@dataclass(frozen=True)
class Worker:
    """One worker and what it trains.

    Attributes:
        lease: Its last one.
        trial: That it trains.
        device: Where; empty before its trial began.
        epoch: As text.
        speed: Images a second, or None.
        lost: Whether its coordinator is gone.
    """

    lease: Lease
    trial: TrialSnapshot
    device: str
    epoch: str
    speed: float | None
    lost: bool

    def state(self, now: float) -> str:
        """running, silent or presumed dead."""
        if self.lost:
            return "presumed dead"
        return "silent" if now - self.lease.seen > QUIET_SECONDS else "running"


class WorkersPanel(Panel):
    """The workers of every machine."""

    def compose(self) -> ComposeResult:
        """A table."""
        yield Rows(id="workers-rows")

    def recipe(self) -> Recipe:
        """The same for everybody."""
        return workers_of

    def show(self, made: tuple[Worker, ...]) -> None:
        """Show them, with the age of their signs of life by the clock of this moment."""
        now = self._now()
        rows: list[list[Cell]] = [self._row(worker, now) for worker in made]
        keys = tuple(worker.trial.number for worker in made)
        self.query_one(Rows).show(Table(_COLUMNS, keys, rows.__getitem__, "no worker trains"))

    def trial(self) -> int | None:
        """That of the worker under the cursor."""
        key = self.query_one(Rows).key
        return key if isinstance(key, int) else None

    def _now(self) -> float:
        clock = getattr(self.app, "clock", time.time)
        return float(clock())

    def _row(self, worker: Worker, now: float) -> list[Cell]:
        age = max(now - worker.lease.seen, 0.0)
        return [
            worker.lease.place,
            state_text(self.app, worker.state(now)),
            f"{roughly(age)} ago" if age >= 1 else "just now",
            worker.device or "–",
            str(worker.trial.number),
            worker.epoch,
            short(worker.speed),
            str(worker.lease.pid),
        ]


_COLUMNS = (
    Column("worker"),
    Column("state", 15),
    Column("sign of life", 12, right=True),
    Column("device", 8),
    Column("trial", 5, right=True),
    Column("epoch", 7, right=True),
    Column("samples/s", 9, right=True),
    Column("process", 8, right=True, least=96),
)


def workers_of(view: StudyView) -> tuple[Worker, ...]:
    """Whoever holds a running trial."""
    return tuple(
        _worker(view, trial, trial.lease) for trial in view.running if trial.lease is not None
    )


def _worker(view: StudyView, trial: TrialSnapshot, lease: Lease) -> Worker:
    live, curve = view.live.get(trial.number), now_of(view, trial)
    speeds = live.curves.get("samples_per_second", ()) if live else ()
    epoch, whole = curve[-1][0] if curve else 0, epochs_of(trial) or lease.epochs
    return Worker(
        lease=lease,
        trial=trial,
        # The run folder knows it sooner, the lease on every machine.
        device=(live.device if live else "") or lease.device,
        epoch=f"{max(epoch, lease.epoch)}/{whole or '–'}",
        speed=speeds[-1][1] if speeds else lease.samples_per_second,
        lost=trial.number in view.lost,
    )
