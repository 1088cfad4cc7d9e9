"""Files that are whole or not there, and on the disk before they are there."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a system says where the disk, or the share of it that one may use, is full."""


class UnwrittenError(OSError):
    """A file that could not be written, named by `filename`.

    Attributes:
        needed: The bytes that were to be written.
    """

    needed: int = 0


def replace_file(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a reader finds the old file or the new one.

    The content is on the disk before the name is: a machine that loses its power in between leaves
    the old file, and never an empty one. That costs about a millisecond on a solid-state disk.

    Raises:
        UnwrittenError: The file cannot be written; the old one is as it was, and nothing lies
            beside it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with writing(path, len(content)):
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
    finally:
        # A directory that nobody may write to says so even where there is nothing to delete.
        with suppress(OSError):
            beside.unlink()


def append(path: Path, text: bytes) -> None:
    """Add to a file in one write: whoever reads meanwhile sees at most a torn end.

    Raises:
        UnwrittenError: Not all of it was written.
    """
    with writing(path, len(text)), path.open("ab", buffering=0) as file:
        # A disk that becomes full within the text takes what it can and says nothing.
        if file.write(text) < len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def keep(folder: Path, *files: Path) -> None:
    """Make sure that files that were added to, and the names in their folder, are on the disk."""
    for path in (*files, folder):
        # Windows opens no directory, and keeps their entries by itself.
        if path.exists() and not (os.name == "nt" and path.is_dir()):
            handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def sweep(folder: Path) -> None:
    """Delete what whoever was killed while writing left beside the files of a folder."""
    for path in folder.glob(".*.*"):
        if path.suffix[1:].isdigit():
            path.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, size: int) -> Iterator[None]:
    """Name the file that the block writes, where the system refuses it.

    Raises:
        UnwrittenError: With the system's reason.
    """
    try:
        yield
    except OSError as error:
        unwritten = UnwrittenError(error.errno, error.strerror, str(path))
        unwritten.needed = size
        raise unwritten from error
