"""Whether bfloat16 pays on this machine: measured once, kept in the cache directory."""

import hashlib
import json
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from filelock import FileLock
from torch import Tensor, nn
from torch.nn import functional

from autoae.data.roots import cache_directory
from autoae.spec.files import replace_file
from autoae.spec.jsontext import read_json
from autoae.training.allocator import keep_freed_memory
from autoae.training.devices import processor, synchronize

ENOUGH_GAIN = 1.15
"""bfloat16 must be so many times faster: less is within the noise of a busy machine."""

_ROUNDS = 9
_WARM_UP = 2
_BATCH, _CHANNELS, _SIDE = 64, 64, 28


@dataclass(frozen=True)
class Probe:
    """What was measured, and where.

    Attributes:
        machine: What the figure depends on; another machine is measured anew.
        gain: Time of a float32 step divided by that of a bfloat16 step, median of rounds.
        threads: Threads that torch used then.
        measured: Day and time, UTC.
    """

    machine: dict[str, str]
    gain: float
    threads: int
    measured: str

    @property
    def pays(self) -> bool:
        """Whether networks with enough work in convolutions should use bfloat16."""
        return self.gain >= ENOUGH_GAIN


@cache
def bfloat16_probe(device: torch.device) -> Probe:
    """The probe of this machine: read if it was made before, else made and kept.

    Processes that start together wait for the first one, so that they neither all measure
    nor disturb the measurement. Where the cache cannot be written, it is measured for this
    process alone.
    """
    machine = _machine(device)
    path = cache_directory() / f"bfloat16-{device.type}-{_digest(machine)}.json"
    found = _read(path, machine)
    if found is not None:
        return found
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            return _read(path, machine) or _keep(path, _measure(device, machine))
    except OSError:
        return _measure(device, machine)


def _machine(device: torch.device) -> dict[str, str]:
    return {
        "processor": processor(device),
        "architecture": platform.machine(),
        "torch": torch.__version__,
    }


def _digest(machine: dict[str, str]) -> str:
    """A file name of its own for each machine that shares this directory."""
    return hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:12]


def _read(path: Path, machine: dict[str, str]) -> Probe | None:
    """The probe in a file, unless there is none, it is damaged, or of another machine."""
    with suppress(OSError, ValueError, TypeError):
        probe = Probe(**read_json(path.read_text("utf-8")))
        if probe.machine == machine and isinstance(probe.gain, float):
            return probe
    return None


def _keep(path: Path, probe: Probe) -> Probe:
    replace_file(path, json.dumps(asdict(probe), indent=2).encode())
    return probe


def _measure(device: torch.device, machine: dict[str, str]) -> Probe:
    """Time both kinds of step in turn: what disturbs one disturbs the other as well."""
    # As in training: fetching pages anew would cost float32 more, for its blocks are larger.
    keep_freed_memory()
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        plain, mixed = _step(device, mixed=False), _step(device, mixed=True)
        for _ in range(_WARM_UP):
            plain(), mixed()
        ratios = [_seconds(plain, device) / _seconds(mixed, device) for _ in range(_ROUNDS)]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Probe(machine, round(median(ratios), 3), torch.get_num_threads(), now)


def _step(device: torch.device, *, mixed: bool) -> Callable[[], None]:
    """One training step of a small convolutional autoencoder, without the optimizer."""
    network = nn.Sequential(
        nn.Conv2d(1, _CHANNELS, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(_CHANNELS, 2 * _CHANNELS, 3, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * _CHANNELS, _CHANNELS, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(_CHANNELS, 1, 4, 2, 1),
    ).to(device)
    images = torch.rand(_BATCH, 1, _SIDE, _SIDE).to(device)
    if mixed:
        network = network.to(memory_format=torch.channels_last)

    def step() -> None:
        network.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            output: Tensor = network(images)
        functional.mse_loss(output.float(), images).backward()  # type: ignore[no-untyped-call]

    return step


def _seconds(step: Callable[[], None], device: torch.device) -> float:
    synchronize(device)
    start = perf_counter()
    step()
    synchronize(device)
    return perf_counter() - start
