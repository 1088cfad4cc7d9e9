"""What MNIST and Fashion-MNIST have in common: four idx files in a torchvision root."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from autoae.data.downloads import download
from autoae.data.errors import DataError, MissingData
from autoae.data.idx import read_idx
from autoae.data.images import Facts
from autoae.data.roots import data_roots
from autoae.data.source import Originals, Pictures, Source, fingerprint_of, pictures_of
from autoae.spec.config import DataOptions

_FILES = tuple(
    f"{split}-{part}-ubyte"
    for split in ("train", "t10k")
    for part in ("images-idx3", "labels-idx1")
)


@dataclass(frozen=True)
class IdxDataSet:
    """A data set of four idx files.

    Attributes:
        name: As study files say it.
        summary: One line for `autoae data list`.
        known: Its published facts.
        torchvision: Its class in torchvision and its folder in a torchvision root.
        takes_path: It does not.
    """

    name: str
    summary: str
    known: Facts
    torchvision: str
    takes_path: bool = False

    def find(self, options: DataOptions) -> Source:  # noqa: ARG002
        """Find the four files in a torchvision root."""
        folders = [root / self.torchvision / "raw" for root in data_roots()]
        for folder in folders:
            files = tuple(_file(folder, name) for name in _FILES)
            if all(file.is_file() for file in files):
                mark = fingerprint_of(files)
                return Source(self.name, str(folder), mark, partial(self._opened, files))
        raise self._missing(folders)

    def fetch(self, root: Path) -> None:
        """Download them from the sources that torchvision knows."""
        download(self.torchvision, root)

    @contextmanager
    def _opened(self, files: tuple[Path, ...]) -> Iterator[Originals]:
        train = self._pictures(files[0], files[1])
        test = self._pictures(files[2], files[3])
        yield Originals(self.known.classes, train, test)

    def _pictures(self, image_file: Path, label_file: Path) -> Pictures:
        images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
        if len(images) != len(labels) or not len(images):
            raise _wrong(label_file, f"{len(labels):,} labels for {len(images):,} images")
        if labels.max() >= len(self.known.classes):
            raise _wrong(label_file, f"label {labels.max()}, the largest is 9")
        return pictures_of(images[..., None], labels.astype(np.int64), str(image_file))

    def _missing(self, folders: list[Path]) -> MissingData:
        lacking = (
            f"{folder} has no {next(n for n in _FILES if not _file(folder, n).is_file())}"
            for folder in folders
        )
        return MissingData(
            f"{self.name} is not on this machine: {'; '.join(lacking)}",
            hint=f"run `autoae data fetch {self.name}`; without network, set AUTOAE_DATA_DIR to "
            f"a directory that has {self.torchvision}/raw/{_FILES[0]} and the like",
        )


def _file(folder: Path, name: str) -> Path:
    plain = folder / name
    return plain if plain.is_file() else folder / f"{name}.gz"


def _wrong(file: Path, reason: str) -> DataError:
    return DataError(f"{file} does not fit: {reason}", hint="get all four files again")
