"""The record of a cache entry: what the arrays beside it hold, and their checksums."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autoae.data.images import Facts

RECORD = "entry.json"


@dataclass(frozen=True)
class Record:
    """What a cache entry holds.

    Attributes:
        facts: The data set in numbers.
        checksums: The SHA-256 of each file by its name.
    """

    facts: Facts
    checksums: dict[str, str]


_READER = TypeAdapter(Record)


def read_record(entry: Path) -> Record | None:
    """The record of a cache entry, or None where there is none that can be read."""
    try:
        return _READER.validate_json((entry / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None


def write_record(entry: Path, record: Record) -> None:
    """Write the record at once: from now on the entry exists.

    Raises:
        OSError: The cache cannot be written.
    """
    partial = entry / f"{RECORD}.partial"
    partial.write_text(json.dumps(asdict(record), indent=1))
    partial.replace(entry / RECORD)
