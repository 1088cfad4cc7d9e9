"""Who runs a trial: the sign of life by which others tell a running trial from a lost one."""

import socket
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import psutil

REFRESH_SECONDS = 15
"""How often the lease of a running trial is refreshed."""
SILENCE_SECONDS = 300
"""After this long without a sign of life a trial on another machine counts as lost."""

_SAME_START = 2.0  # Clocks are adjusted a little now and then; a recycled number starts much later.


@dataclass(frozen=True)
class Lease:
    """The right of one coordinator to finish a trial.

    Attributes:
        worker: Number of the worker that trains it.
        host: Machine of the coordinator.
        pid: Process of the worker.
        started: When the worker's process started, in seconds since 1970.
        coordinator_pid: Process of the coordinator.
        coordinator_started: When the coordinator's process started.
        seen: The last sign of life.
        device: Where it is trained, such as `cuda:0`; empty before it began.
        epoch: Epochs that were done at the last sign of life.
        epochs: Epochs that it may have.
        samples_per_second: Images trained a second in the last of them, or None.
        sampler_seed: The seed of the coordinator's sampler; None: an earlier version.
        processes: Which numbers of processes are meant: containers that share the name of their
            machine have numbers of their own. Empty where the system does not say, or an earlier
            version wrote.
        node: Machine of the worker, where that is another one; else empty.
        booted: When the machine of the coordinator started, by its clock at that moment; None: an
            earlier version.
        leaving: Whether its coordinator has told the trial to stop, as after Ctrl-C.
    """

    worker: int
    host: str
    pid: int
    started: float
    coordinator_pid: int
    coordinator_started: float
    seen: float
    device: str = ""
    epoch: int = 0
    epochs: int = 0
    samples_per_second: float | None = None
    sampler_seed: int | None = None
    processes: str = ""
    node: str = ""
    booted: float | None = None
    leaving: bool = False

    @property
    def machine(self) -> str:
        """That of the worker."""
        return self.node or self.host

    @property
    def place(self) -> str:
        """The worker as people are told of it: its machine and number."""
        return f"{self.machine}/{self.worker}"

    def refreshed(self) -> "Lease":
        """The same lease, seen now."""
        return replace(self, seen=time.time())

    def to_json(self) -> dict[str, int | float | str | None]:
        """As it stands in the user attribute."""
        return asdict(self)


def lease_from(attribute: object) -> Lease | None:
    """Read the user attribute; None where it is missing or written by something else."""
    if not isinstance(attribute, dict):
        return None
    # A later version may say more.
    known = {each.name for each in fields(Lease)}
    try:
        return Lease(**{name: value for name, value in attribute.items() if name in known})
    except TypeError:
        return None


def own_lease(worker: int, pid: int, sampler_seed: int | None = None, node: str = "") -> Lease:
    """The lease of a trial that this process gives to one of its workers.

    Args:
        worker: Its number.
        pid: Of its process.
        sampler_seed: Of this coordinator.
        node: The machine that the worker is on; empty where that is this one.
    """
    here = psutil.Process()
    return Lease(
        worker=worker,
        host=socket.gethostname(),
        pid=pid,
        started=0.0 if node else _start_of(pid) or 0.0,
        coordinator_pid=here.pid,
        coordinator_started=here.create_time(),
        seen=time.time(),
        sampler_seed=sampler_seed,
        processes=_processes(),
        node=node,
        booted=psutil.boot_time(),
    )


def is_here(lease: Lease) -> bool:
    """Whether its processes are among those that can be seen from here."""
    same = lease.processes in ("", _processes())
    return same and lease.host == socket.gethostname()


def alive(lease: Lease) -> bool | None:
    """Whether the coordinator that holds a lease still runs; None where that cannot be seen."""
    if not is_here(lease):
        return None
    started = _start_of(lease.coordinator_pid)
    return started is not None and _is_start(lease, started)


def _is_start(lease: Lease, started: float) -> bool:
    """Whether a process that has the number of the coordinator is the coordinator.

    A clock that was set anew by hours has moved the start of the process, and on some systems that
    of the machine along with it: so the time between the two will do as well.
    """
    moved = started - lease.coordinator_started
    clock = 0.0 if lease.booted is None else psutil.boot_time() - lease.booted
    return min(abs(moved), abs(moved - clock)) < _SAME_START


def is_lost(lease: Lease) -> bool:
    """Whether nobody will finish the trial any more.

    On this machine the coordinator's process decides. On another one a long silence does: a
    trial whose process may live is left alone.
    """
    lives = alive(lease)
    return time.time() - lease.seen > SILENCE_SECONDS if lives is None else not lives


def _processes() -> str:
    """The namespace of the numbers of processes; empty where there is no such thing."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start_of(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        # A process that has ended but whose parent has not asked for its exit status.
        dead = process.status() == psutil.STATUS_ZOMBIE
        return None if dead else process.create_time()
    except psutil.Error:
        return None
