"""Class folders: which image is of which class, and which are for the test."""

from dataclasses import dataclass

import numpy as np

from autoae.data.errors import DataError
from autoae.data.files import Files
from autoae.data.images import Integers
from autoae.data.pictures import SUFFIXES, is_image


@dataclass(frozen=True, eq=False)
class Samples:
    """Images by name and label.

    Attributes:
        names: The names of the files.
        labels: (N,), indices into the classes.
    """

    names: tuple[str, ...]
    labels: Integers

    def chosen(self, rows: Integers) -> "Samples":
        """The samples of some rows."""
        return Samples(tuple(self.names[row] for row in rows), self.labels[rows])


@dataclass(frozen=True, eq=False)
class Tree:
    """What lies in a directory of class folders.

    Attributes:
        classes: The names of the class folders, sorted.
        train: The images, or those below `train` where the top has `train` and `test`.
        test: The images below `test`, or None.
    """

    classes: tuple[str, ...]
    train: Samples
    test: Samples | None


def read_tree(files: Files) -> Tree:
    """Sort images into classes by their folders.

    Below the top (a folder that stands alone is passed through, for many zips have one) lie
    either one folder per class, or `train` and `test` with one folder per class each.

    Raises:
        DataError: There are no classes, a class is empty, or the test has a class of its own.
    """
    top = _top(files)
    below = _inside(files, top)
    if not {"train", "test"} <= set(below):
        classes = _classes(files, top)
        return Tree(classes, _samples(files, top, classes), None)
    classes = _classes(files, f"{top}train/")
    _check_test_classes(files, f"{top}test/", classes)
    train, test = (_samples(files, f"{top}{split}/", classes) for split in ("train", "test"))
    return Tree(classes, train, test)


def _top(files: Files) -> str:
    """The prefix of the first folder that does not hold a single folder of folders."""
    top = ""
    while len(inside := _inside(files, top)) == 1 and _inside(files, f"{top}{inside[0]}/"):
        top = f"{top}{inside[0]}/"
    return top


def _inside(files: Files, prefix: str) -> tuple[str, ...]:
    """The folders directly below a prefix."""
    rest = (name[len(prefix) :] for name in files.folders if name.startswith(prefix))
    return tuple(name for name in rest if "/" not in name)


def _classes(files: Files, prefix: str) -> tuple[str, ...]:
    classes = _inside(files, prefix)
    if not classes:
        raise DataError(
            f"{files.place}/{prefix} holds no class folders",
            hint="put the images into one folder per class; a single one does for an autoencoder",
        )
    return classes


def _check_test_classes(files: Files, prefix: str, classes: tuple[str, ...]) -> None:
    unknown = sorted(set(_classes(files, prefix)) - set(classes))
    if unknown:
        raise DataError(
            f"{files.place}/{prefix}{unknown[0]} is a class that train/ does not have",
            hint="give train/ and test/ the same class folders",
        )


def _samples(files: Files, prefix: str, classes: tuple[str, ...]) -> Samples:
    inside = [name for name in files.names if name.startswith(prefix) and is_image(name)]
    names = tuple(name for name in inside if "/" in name[len(prefix) :])
    owners = [name[len(prefix) :].split("/", 1)[0] for name in names]
    _check_none_empty(files, prefix, set(owners))
    label_of = {name: label for label, name in enumerate(classes)}
    return Samples(names, np.array([label_of[owner] for owner in owners], np.int64))


def _check_none_empty(files: Files, prefix: str, present: set[str]) -> None:
    empty = sorted(set(_inside(files, prefix)) - present)
    if empty:
        raise DataError(
            f"{files.place}/{prefix}{empty[0]} is a class folder without images",
            hint=f"put images into it ({' '.join(sorted(SUFFIXES))}), or remove it",
        )
