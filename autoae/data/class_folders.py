"""A data set in class folders, in a directory or a zip, as a source of images."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autoae.data.errors import DataError
from autoae.data.files import Files, opened_files
from autoae.data.images import Bytes
from autoae.data.pictures import decode, is_grey
from autoae.data.source import Originals, Pictures
from autoae.data.splits import held_out
from autoae.data.tree import Samples, Tree, read_tree

_TEST_SHARE = 5


@contextmanager
def opened_class_folders(place: Path) -> Iterator[Originals]:
    """Open class folders; grey if all images are grey, else in colour.

    Where the top has no `train` and `test`, a fixed stratified fifth is for the test.

    Raises:
        DataError: They cannot be read, or there are no images of some kind.
    """
    with opened_files(place) as files:
        tree = read_tree(files)
        train, test = _splits(tree, place)
        grey = _all_grey(files, (*train.names, *test.names))
        yield Originals(tree.classes, _pictures(files, train, grey), _pictures(files, test, grey))


def _splits(tree: Tree, place: Path) -> tuple[Samples, Samples]:
    if tree.test is not None:
        return tree.train, tree.test
    count = len(tree.train.names) // _TEST_SHARE
    if not count:
        raise DataError(
            f"{place} holds {len(tree.train.names)} images, at least {_TEST_SHARE} are needed, "
            "for a fifth becomes the test",
            hint="add images, or give the directory `train` and `test` with class folders each",
        )
    stay, out = held_out(tree.train.labels, count)
    return tree.train.chosen(stay), tree.train.chosen(out)


def _all_grey(files: Files, names: tuple[str, ...]) -> bool:
    # Ends at the first image in colour, so only grey data sets are looked through.
    return all(is_grey(files.read(name), _origin(files, name)) for name in names)


def _pictures(files: Files, samples: Samples, grey: bool) -> Pictures:
    def describe(row: int) -> str:
        return _origin(files, samples.names[row])

    def read(row: int) -> Bytes:
        return decode(files.read(samples.names[row]), describe(row), grey=grey)

    return Pictures(samples.labels, read, describe)


def _origin(files: Files, name: str) -> str:
    return f"{files.place}/{name}"
