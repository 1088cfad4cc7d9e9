"""Whether the arrays in the cache are still those that were written.

A record holds the SHA-256 of every file. Hashing gigabytes at every start would cost more than
it saves, so a stamp beside the record notes size and modification time of the files when they
were last hashed: as long as both are the same a file counts as verified, else it is hashed again.
"""

import hashlib
import json
from pathlib import Path

from autoae.spec.jsontext import read_json

Stamp = dict[str, list[int]]

_STAMP = "verified.json"


def checksum(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def is_intact(entry: Path, checksums: dict[str, str]) -> bool:
    """Whether every file of a cache entry has its checksum.

    Args:
        entry: The directory of the entry.
        checksums: The SHA-256 of each file by its name.
    """
    try:
        stamp = stamp_of(entry, checksums)
        if stamp == _read_stamp(entry):
            return True
        intact = all(checksum(entry / name) == known for name, known in checksums.items())
    except OSError:
        return False
    if intact:
        _keep_stamp(entry, stamp)
    return intact


def stamp_of(entry: Path, names: dict[str, str]) -> Stamp:
    """Size and modification time of each file, [bytes, nanoseconds].

    Raises:
        OSError: A file is missing.
    """
    states = {name: (entry / name).stat() for name in names}
    return {name: [state.st_size, state.st_mtime_ns] for name, state in states.items()}


def write_stamp(entry: Path, stamp: Stamp) -> None:
    """Note that the files were verified in this state.

    Raises:
        OSError: The cache cannot be written.
    """
    partial = entry / f"{_STAMP}.partial"
    partial.write_text(json.dumps(stamp))
    partial.replace(entry / _STAMP)


def _read_stamp(entry: Path) -> object:
    try:
        return read_json((entry / _STAMP).read_text())
    except (OSError, ValueError):
        return None


def _keep_stamp(entry: Path, stamp: Stamp) -> None:
    try:
        write_stamp(entry, stamp)
    except OSError:
        # A cache that others keep and we may only read: it is hashed again next time.
        return
