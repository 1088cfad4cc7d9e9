"""Who trains a study now, as far as their signs of life say."""

import time
from dataclasses import dataclass
from typing import Literal

from autoae.store.leases import REFRESH_SECONDS, Lease, is_lost
from autoae.store.snapshot import StudySnapshot

Life = Literal["running", "silent", "presumed dead"]

QUIET_SECONDS = 3 * REFRESH_SECONDS
"""After this long without a sign of life a worker is called silent."""


@dataclass(frozen=True)
class WorkerSnapshot:
    """A worker that has a trial; one that has none leaves no trace in the storage.

    Attributes:
        worker: Its number, within its coordinator.
        host: Its machine.
        pid: Its process.
        trial: That it trains.
        device: Such as `cuda:0`; empty before its trial began.
        epoch: Epochs that were done at its last sign of life, or since as far as is known.
        epochs: Epochs that the trial may have; 0 before it began.
        samples_per_second: Images trained a second, or None before the first epoch was told.
        age: Of its last sign of life, in seconds.
        life: What follows from that.
    """

    worker: int
    host: str
    pid: int
    trial: int
    device: str
    epoch: int
    epochs: int
    samples_per_second: float | None
    age: float
    life: Life


def workers_of(study: StudySnapshot) -> tuple[WorkerSnapshot, ...]:
    """The workers of the running trials of a study, by machine and number."""
    found = [
        _worker(trial.lease, trial.number, trial.epochs)
        for trial in study.of_state("RUNNING")
        if trial.lease is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.host, each.worker, each.trial)))


def _worker(lease: Lease, trial: int, told: int) -> WorkerSnapshot:
    return WorkerSnapshot(
        worker=lease.worker,
        host=lease.machine,
        pid=lease.pid,
        trial=trial,
        device=lease.device,
        # With one objective every epoch is in the storage, sooner than the next sign of life.
        epoch=max(lease.epoch, told),
        epochs=lease.epochs,
        samples_per_second=lease.samples_per_second,
        age=max(time.time() - lease.seen, 0.0),
        life=_life(lease),
    )


def _life(lease: Lease) -> Life:
    if is_lost(lease):
        return "presumed dead"
    return "silent" if time.time() - lease.seen > QUIET_SECONDS else "running"
