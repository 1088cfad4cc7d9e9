"""Files that are whole or not there."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a reader finds the old file or the new one.

    Raises:
        OSError: The file cannot be written; the old one is as it was, and nothing lies beside it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
