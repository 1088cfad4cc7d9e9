"""Memory that a step frees is kept for the next step."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from typing import cast

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
"""Names of `mallopt` in glibc's malloc.h."""

_SIZES = (1 << 30, 1 << 25)
"""Bytes below which blocks come from the heap: the second is the most that older glibc takes."""


@cache
def keep_freed_memory() -> bool:
    """Stop glibc from giving large blocks back to the kernel whenever they are freed.

    A training step frees what it took, and the next one takes as much again: if it goes back to
    the kernel in between, every page is faulted in and zeroed anew. Measured for a hybrid of
    CIFAR-10 and an autoencoder of MNIST, one thread: 1.0 to 1.7 times the speed, the same peak.

    Returns:
        Whether it was done: on Linux with glibc, once a process.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is None:
        return False
    from_heap = any(mallopt(_MMAP_THRESHOLD, size) for size in _SIZES)
    return from_heap and bool(mallopt(_TRIM_THRESHOLD, 2**31 - 1))


@lru_cache(maxsize=1)  # Of calls for one need that follow each other, the first one alone.
def release_freed_memory(need: str) -> None:
    """Give what was kept back to the kernel, so that a peak is of what comes next.

    Not where that needs as much as what was there: its first steps would fault in every page of
    the same peak anew, which took 15 to 65 ms of the two networks above.

    Args:
        need: The same for what needs as much memory.
    """
    del need
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """A function of glibc, or None on other systems."""
    if sys.platform != "linux":
        return None
    try:
        return cast("Callable[..., int]", getattr(ctypes.CDLL(None), name))
    except (OSError, AttributeError):
        return None
