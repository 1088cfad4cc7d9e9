"""Write one entry of the cache: stream the images to disk, then their labels, then the record."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autoae.data.decoding import Reader, reader
from autoae.data.errors import no_space
from autoae.data.images import Bytes, Facts, Integers
from autoae.data.integrity import checksum, stamp_of, write_stamp
from autoae.data.normalize import moments_of
from autoae.data.pictures import pillow_warnings
from autoae.data.records import RECORD, Record, write_record
from autoae.data.source import Source
from autoae.spec.config import DataOptions


def write_entry(entry: Path, source: Source, options: DataOptions) -> Record:
    """Decode a data set into a directory of arrays; the caller holds its lock.

    Every file is written under another name, flushed to disk and renamed; the record comes
    last. So whoever is interrupted leaves nothing that could be taken for an entry.

    Raises:
        DataError: The images cannot be read, or there is no space.
        SpecError: The images do not have, or cannot be given, one size.
        OSError: The cache cannot be written.
    """
    entry.mkdir(exist_ok=True)
    (entry / RECORD).unlink(missing_ok=True)
    with pillow_warnings(), source.open() as originals:
        images = reader(originals, options)
        _check_space(entry, images)
        files = _write_arrays(entry, images)
        sizes = len(originals.train), len(originals.test)
        counted = originals.train.labels.ndim == 2
        facts = Facts(source.name, images.shape, originals.classes, *sizes, counted)
    record = Record(facts, {file.name: checksum(file) for file in files})
    write_stamp(entry, stamp_of(entry, record.checksums))
    write_record(entry, record)
    return record


def _check_space(entry: Path, images: Reader) -> None:
    needed = len(images) * int(np.prod(images.shape))
    free = shutil.disk_usage(entry).free
    if needed > free:
        raise no_space(entry, f"it needs {needed:,} bytes, free are {free:,}", needed)


def _write_arrays(entry: Path, images: Reader) -> tuple[Path, ...]:
    moments: list[Integers] = []
    shape = (len(images), *images.shape)
    pictures = _write(entry / "images.npy", shape, np.uint8, _noting(images.runs(), moments))
    labels = np.concatenate([images.originals.train.labels, images.originals.test.labels])
    return (
        pictures,
        _write(entry / "labels.npy", labels.shape, np.int64, [labels]),
        _write(entry / "moments.npy", (len(images), 2, images.shape[0]), np.int64, moments),
    )


def _noting(runs: Iterator[Bytes], moments: list[Integers]) -> Iterator[Bytes]:
    """Note the moments of the images while they pass."""
    for run in runs:
        moments.append(moments_of(run))
        yield run


def _write(
    file: Path,
    shape: tuple[int, ...],
    dtype: type[np.uint8 | np.int64],
    parts: Iterable[npt.NDArray[np.uint8 | np.int64]],
) -> Path:
    """Write a `.npy` file part by part.

    Plain writes, not a memory map: on a full disk a write fails with an error that can be told,
    while a map kills the process.
    """
    partial = file.with_name(f"{file.name}.partial")
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    try:
        with partial.open("wb") as out:
            np.lib.format.write_array_header_1_0(out, header)
            for part in parts:
                out.write(np.ascontiguousarray(part, dtype).data)
            out.flush()
            os.fsync(out.fileno())
        return partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
