"""What a data set has to be able to do: find its files, read them, and fetch them.

A new data set is one file with an object that satisfies `DataSet`: a line in
`autoae.data.datasets`, or an entry point of the group `autoae.datasets` in another package.
Resizing, caching, splits and normalisation are the same for all and not its concern.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autoae.data.images import Bytes, Facts, Integers
from autoae.spec.config import DataOptions


@dataclass(frozen=True, eq=False)
class Pictures:
    """The images of one split as they are found, each of its own size.

    Attributes:
        labels: Indices into the classes, (N,); where images hold several objects, how many of
            each class, (N, classes).
        read: Gives image i as (H, W, C), C being 1 or 3. Several threads call it at once.
        describe: Says where image i comes from, for error messages.
    """

    labels: Integers
    read: Callable[[int], Bytes]
    describe: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Originals:
    """A whole data set as it is found."""

    classes: tuple[str, ...]
    train: Pictures
    test: Pictures


@dataclass(frozen=True)
class Source:
    """A data set that was found on this machine.

    Attributes:
        name: As it is shown.
        place: Where it was found, for people.
        fingerprint: Changes whenever the files change; cheap, so without reading them.
        open: Opens the files. It is called only when the cache holds no decoded copy.
    """

    name: str
    place: str
    fingerprint: str
    open: Callable[[], AbstractContextManager[Originals]]


class DataSet(Protocol):
    """One registered data set."""

    @property
    def name(self) -> str:
        """As study files say it."""

    @property
    def summary(self) -> str:
        """One line for `autoae data list`."""

    @property
    def known(self) -> Facts | None:
        """Its published facts, or None where they depend on the user's files."""

    @property
    def takes_path(self) -> bool:
        """Whether it reads what `data.path` names."""

    def find(self, options: DataOptions) -> Source:
        """Find the files without reading them.

        Raises:
            MissingData: They are not on this machine; the hint says how to get them.
        """

    def fetch(self, root: Path) -> None:
        """Download the files below `root`, an existing directory in the user's cache.

        Raises:
            DataError: There is nothing to download, or it failed.
        """


def fingerprint_of(files: Iterable[Path]) -> str:
    """A digest of the paths, sizes and modification times of files."""
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(os.fsencode(file))
        digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def pictures_of(images: Bytes, labels: Integers, place: str) -> Pictures:
    """The images of an array (N, H, W, C)."""
    return Pictures(labels, lambda row: images[row], lambda row: f"image {row} of {place}")
