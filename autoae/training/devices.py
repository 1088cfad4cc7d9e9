"""Where a network is trained."""

import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch

from autoae.training.errors import TrainingError


def device_of(name: str) -> torch.device:
    """The device behind the name that a study file gives.

    Args:
        name: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto`: the first of cuda, mps and cpu
            that this machine has.

    Raises:
        TrainingError: This machine has no such device.
    """
    if name == "auto":
        return torch.device(_best())
    device = torch.device(name)
    missing = _missing(device)
    if missing:
        raise TrainingError(
            f"device {name!r} asked for, but {missing}",
            hint="use `auto` or `cpu`, or see `autoae doctor`",
            key="training.device",
        )
    return device


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _missing(device: torch.device) -> str:
    """What keeps torch from using the device; empty where nothing does."""
    if device.type == "mps" and not torch.backends.mps.is_available():
        return "torch finds no Apple GPU (Metal) here"
    if device.type != "cuda":
        return ""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        return "torch finds no CUDA device here"
    highest = device.index is not None and device.index >= count
    return f"torch finds {count} here, counted from cuda:0" if highest else ""


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given, so that a clock tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def is_lost(device: torch.device) -> bool:
    """Whether a device refuses everything from now on.

    After an assertion in a kernel, a wrong address or a fault of its memory CUDA answers every call
    of the process with that error until it ends.
    """
    try:
        synchronize(device)
    except RuntimeError:
        return True
    return False


@contextmanager
def denormals_flushed(device: torch.device) -> Iterator[None]:
    """Let numbers below 1e-38 count as 0 within: a CPU may take a hundred times as long for them.

    It holds for the whole thread, so it is taken back at the end; elsewhere such numbers count.
    """
    before = sys.float_info.min / 2 == 0.0
    if device.type == "cpu":
        torch.set_flush_denormal(True)
    try:
        yield
    finally:
        if device.type == "cpu":
            torch.set_flush_denormal(before)


def processor(device: torch.device) -> str:
    """The name of the processor or GPU behind a device, as its maker calls it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _processor_of_linux() or platform.processor() or platform.machine()


def _processor_of_linux() -> str:
    """The model name that Linux gives, or an empty string elsewhere."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return ""
