"""The cache of decoded images: built once, mapped by everyone, rebuilt when damaged.

An entry is a directory of plain `.npy` files and a record, `entry.json`, that is written last:
an entry without a record does not exist. Its name is a digest of everything that decides the
bytes. Whoever finds no intact entry takes a lock, looks again, and builds.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from autoae.data.builder import write_entry
from autoae.data.errors import cache_errors
from autoae.data.images import Bytes, Facts, Integers
from autoae.data.integrity import is_intact
from autoae.data.records import RECORD, Record, read_record
from autoae.data.roots import decoded_root
from autoae.data.source import Source
from autoae.spec.config import DataOptions

_LOG = logging.getLogger("autoae.data")
_LAYOUT = 1


@dataclass(frozen=True, eq=False)
class Decoded:
    """A data set in the cache; training images first, then test images.

    Attributes:
        facts: The data set in numbers.
        images: (N, C, H, W), mapped, read-only.
        labels: (N,) or (N, classes).
        moments: (N, 2, C), sum and sum of squares of the bytes of each image and channel.
        entry: The name of the entry; another one for other bytes.
    """

    facts: Facts
    images: Bytes
    labels: Integers
    moments: Integers
    entry: str


def decoded(dataset: str, source: Source, options: DataOptions) -> Decoded:
    """Open the decoded images of a data set; build them first where there are none.

    Safe to call from many processes at once: one builds, the others wait.

    Raises:
        DataError: The images cannot be read, or the cache cannot be written.
        SpecError: The images do not have, or cannot be given, one size.
    """
    entry = decoded_root() / f"{dataset}-{_key(source, options)}"
    with cache_errors(entry):
        return _mapped(entry, _intact(entry) or _built_once(entry, source, options))


def _key(source: Source, options: DataOptions) -> str:
    parts = [_LAYOUT, source.name, source.fingerprint, options.resize, options.center_crop]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _intact(entry: Path) -> Record | None:
    record = read_record(entry)
    return record if record is not None and is_intact(entry, record.checksums) else None


def _built_once(entry: Path, source: Source, options: DataOptions) -> Record:
    entry.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{entry}.lock"):
        # Another process may have built it while this one waited.
        return _intact(entry) or _built(entry, source, options)


def _built(entry: Path, source: Source, options: DataOptions) -> Record:
    damaged = "is damaged and " if (entry / RECORD).exists() else ""
    _LOG.info("%s: the cache %swill be built once in %s", source.name, damaged, entry)
    return write_entry(entry, source, options)


def _mapped(entry: Path, record: Record) -> Decoded:
    images = np.load(entry / "images.npy", mmap_mode="c")
    # Copy-on-write, so that PyTorch takes it without a copy; and read-only, so that none is made.
    images.flags.writeable = False
    labels, moments = (np.load(entry / f"{name}.npy") for name in ("labels", "moments"))
    return Decoded(record.facts, images, labels, moments, entry.name)
