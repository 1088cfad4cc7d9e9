"""CIFAR-10: Krizhevsky 2009. The original batches, or a copy as class folders of JPEG files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoae.data.cifar_batches import FOLDER, TEST, TRAIN, broken, read_archive, read_batch
from autoae.data.class_folders import opened_class_folders
from autoae.data.downloads import download
from autoae.data.errors import DataError, MissingData
from autoae.data.files import fingerprint
from autoae.data.images import Facts
from autoae.data.roots import data_roots
from autoae.data.source import Originals, Pictures, Source, fingerprint_of, pictures_of
from autoae.spec.config import DataOptions

_ARCHIVE = "cifar-10-python.tar.gz"
_COPIES = ("cifar10-images.zip", "cifar10-images", "CIFAR-10-images.zip", "CIFAR-10-images")
_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_KNOWN = Facts("cifar10", (3, 32, 32), _CLASSES, 50_000, 10_000)


@dataclass(frozen=True)
class Cifar10:
    """The original where it is found, else a JPEG copy, which its name then says."""

    name: str = "cifar10"
    summary: str = "small colour photographs of animals and vehicles"
    known: Facts = _KNOWN
    takes_path: bool = False

    def find(self, options: DataOptions) -> Source:  # noqa: ARG002
        """Look for the original in every root, then for a copy."""
        roots = data_roots()
        for search in (_batches_in, _archive_in, _copy_in):
            for root in roots:
                if (source := search(root)) is not None:
                    return source
        raise _missing(roots)

    def fetch(self, root: Path) -> None:
        """Download the original."""
        download("CIFAR10", root)


CIFAR10 = Cifar10()


def _batches_in(root: Path) -> Source | None:
    folder = root / FOLDER
    files = [folder / name for name in (*TRAIN, *TEST)]
    if not all(file.is_file() for file in files):
        return None
    return Source(CIFAR10.name, str(folder), fingerprint_of(files), lambda: _opened_folder(folder))


def _archive_in(root: Path) -> Source | None:
    place = root / _ARCHIVE
    if not place.is_file():
        return None
    mark = fingerprint_of([place])
    return Source(CIFAR10.name, str(place), mark, lambda: _opened_archive(place))


def _copy_in(root: Path) -> Source | None:
    place = next((root / name for name in _COPIES if (root / name).exists()), None)
    if place is None:
        return None
    shown = f"{CIFAR10.name} (JPEG copy)"
    return Source(shown, str(place), fingerprint(place), lambda: _opened_copy(place))


def _missing(roots: tuple[Path, ...]) -> MissingData:
    places = ", ".join(map(str, roots))
    return MissingData(
        f"cifar10 is not on this machine: no {FOLDER}, {_ARCHIVE} or {_COPIES[0]} in {places}",
        hint="run `autoae data fetch cifar10`; without network, set AUTOAE_DATA_DIR to a "
        f"directory that has {_COPIES[0]} or {_ARCHIVE}",
    )


@contextmanager
def _opened_folder(folder: Path) -> Iterator[Originals]:
    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise broken(str(folder / name), str(error.strerror)) from error

    yield _originals(read, folder)


@contextmanager
def _opened_archive(place: Path) -> Iterator[Originals]:
    batches = read_archive(place)

    def read(name: str) -> bytes:
        if name not in batches:
            raise broken(str(place), f"it lacks {FOLDER}/{name}")
        return batches[name]

    yield _originals(read, place)


@contextmanager
def _opened_copy(place: Path) -> Iterator[Originals]:
    with opened_class_folders(place) as originals:
        if originals.classes != _CLASSES:
            raise DataError(
                f"{place} is no copy of CIFAR-10: its classes are {', '.join(originals.classes)}",
                hint=f"expected train/ and test/ with {', '.join(_CLASSES)}; other images are "
                "used with `dataset: folder` and data.path",
            )
        yield originals


def _originals(read: Callable[[str], bytes], place: Path) -> Originals:
    train, test = (_pictures(read, names, place) for names in (TRAIN, TEST))
    return Originals(_CLASSES, train, test)


def _pictures(read: Callable[[str], bytes], names: tuple[str, ...], place: Path) -> Pictures:
    batches = [read_batch(read(name), f"{place}/{name}") for name in names]
    images = np.concatenate([images for images, _ in batches])
    return pictures_of(images, np.concatenate([labels for _, labels in batches]), str(place))
