"""Several processes that train on the GPUs of one machine."""

import torch

CONTEXT = 600e6
"""Bytes of a GPU that a process takes for itself, beside its tensors: the CUDA context, and the
kernels and workspaces of cuDNN and cuBLAS."""


def take_seat(device: torch.device, index: int, workers: int) -> None:
    """Let `cuda` be one GPU of several, and keep this process to its share of the memory there.

    Processes are dealt out over the GPUs in turn, unless a device with a number is asked for, which
    all of them have. The share is the same for all, whoever begins first: torch refuses more
    (`set_per_process_memory_fraction`), so that who takes too much runs out of memory alone.

    Args:
        device: Where is trained.
        index: Of this process among those of its kind on this machine, from 0.
        workers: How many there are.
    """
    if device.type != "cuda":
        return
    devices = 1 if device.index is not None else torch.cuda.device_count()
    own = index % devices if device.index is None else device.index
    total = torch.cuda.get_device_properties(own).total_memory
    torch.cuda.set_device(own)
    sharing = len(range(index % devices, workers, devices))
    torch.cuda.set_per_process_memory_fraction(fraction(total, sharing), own)


def fraction(total: int, sharing: int) -> float:
    """The part of a device's memory that is for the tensors of each of some processes.

    Where that leaves less than half of an equal share, it is half: then there are too many.
    """
    if sharing == 1:
        return 1.0
    return max(1 / sharing - CONTEXT / total, 0.5 / sharing)


def place_of(device: torch.device) -> str:
    """The name of a device with its number, such as `cuda:1`."""
    numbered = device.type == "cuda" and device.index is None
    return f"cuda:{torch.cuda.current_device()}" if numbered else str(device)
