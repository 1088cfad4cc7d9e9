"""What a training cost, measured."""

import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import torch

from autoae.models import Network
from autoae.models.costs import latency_ms
from autoae.training.allocator import release_freed_memory
from autoae.training.member import Member

_MEGABYTE = 1e6
_RESET_PEAK = "5"
"""Written to `/proc/self/clear_refs`, this sets the peak of resident memory back (Linux)."""

_BATCH = 128


class PeakMemory:
    """The highest use of memory since this was made.

    On a GPU what torch's allocator held; else the resident memory of the process. Where the
    system cannot set its peak back (macOS, Windows), that of the whole life of the process.

    Args:
        device: Where is trained.
        needs: Of each that is trained there, what decides how much it needs; each is said to use
            its share.
    """

    def __init__(self, device: torch.device, needs: Sequence[str]) -> None:
        self._device, self._members = device, len(needs)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        else:
            release_freed_memory("\n".join(needs))
            _reset_resident_peak()

    def megabytes(self) -> float:
        """The peak so far, in MB (10^6 bytes), of one member."""
        return self._bytes() / _MEGABYTE / self._members

    def _bytes(self) -> int:
        if self._device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(self._device))
        return _resident_peak()


def _reset_resident_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, "ascii")
    except OSError:
        return


def _resident_peak() -> int:
    """Bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return _largest_resident()


def _largest_resident() -> int:
    """Bytes; Linux counts in KiB here, macOS in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def latencies(network: Network, device: torch.device) -> dict[str, float]:
    """The time of a forward pass of one image and of a batch of 128, in milliseconds."""
    return {
        "latency_ms": latency_ms(network, device, 1),
        "latency_batch_ms": latency_ms(network, device, _BATCH),
    }


def costs_after(member: Member, memory: PeakMemory, *, timed: bool) -> dict[str, float]:
    """The costs that are known only after training, by the names of `autoae.spec.metrics`.

    Args:
        member: That was trained.
        memory: Since before the training.
        timed: Measure the latencies too; that takes a moment.
    """
    # Memory is read first: timing uses some as well.
    costs = {"memory_mb": memory.megabytes(), "seconds": member.seconds}
    return costs | latencies(member.network, member.device) if timed else costs
