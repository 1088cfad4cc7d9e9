"""What can be wrong with the files of a data set or with the cache."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autoae.spec.errors import UserError
from autoae.spec.files import FULL


class DataError(UserError):
    """Images that are missing, damaged or unreadable, or a cache that cannot be written."""


class MissingData(DataError):
    """A data set that is not on this machine; `autoae data fetch` may get it."""


class CacheFull(DataError):
    """The disk of the cache is too small.

    Attributes:
        entry: The file or directory that was to be written.
        needed: Its bytes, as far as they are known.
    """

    entry: Path
    needed: int


_FULL = {*FULL, errno.EFBIG}


@contextmanager
def cache_errors(place: Path) -> Iterator[None]:
    """Turn what the file system refuses inside the block into one DataError.

    Args:
        place: The file or directory of the cache that is used inside the block.

    Raises:
        DataError: With the path, the reason and what to do next.
    """
    try:
        yield
    except OSError as error:
        raise cache_problem(place, error) from error


def cache_problem(place: Path, error: OSError) -> DataError:
    """One sentence and one hint for a cache that cannot be written or read."""
    if error.errno in _FULL:
        return no_space(place, str(error.strerror).lower())
    return DataError(
        f"cannot use the cache of decoded images {place}: {error.strerror or error}",
        hint="mend the permissions, or name another directory with AUTOAE_CACHE_DIR",
    )


def no_space(place: Path, reason: str, needed: int = 0) -> CacheFull:
    """The disk of the cache is too small."""
    error = CacheFull(
        f"the disk of the cache of decoded images {place} is too full: {reason}",
        hint="free some space, or name a directory on another disk with AUTOAE_CACHE_DIR",
    )
    error.entry, error.needed = place, needed
    return error
