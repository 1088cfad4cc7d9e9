"""What is read for long is kept out of the garbage collector's way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_for_long() -> Iterator[None]:
    """Let nothing that is made within be looked through again.

    Python's collector walks through all objects while no other thread may run: with ten thousand
    trials a key waited for 0.3 s. What is frozen here is freed by its last reference alone, so
    this is for a study that is read anew, not for each poll.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
