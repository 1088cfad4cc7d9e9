"""The files below a directory or inside a zip, seen in the same way; nothing is unpacked."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import is_zipfile

from autoae.data.archives import folders, members, opened_archive, read_member
from autoae.data.errors import DataError
from autoae.data.source import fingerprint_of


@dataclass(frozen=True, eq=False)
class Files:
    """A tree of files.

    Attributes:
        place: The directory or the zip.
        names: The files in it, "/" between the parts, sorted; hidden ones left out.
        folders: The folders in it, empty ones too, in the same way.
        read: Gives the content of a file by its name.
    """

    place: Path
    names: tuple[str, ...]
    folders: tuple[str, ...]
    read: Callable[[str], bytes]


@contextmanager
def opened_files(place: Path) -> Iterator[Files]:
    """Open a directory or a zip.

    Raises:
        DataError: It is neither, cannot be read, or is a zip that could do harm.
    """
    if place.is_dir():
        yield Files(place, *walked(place), lambda name: _read(place / name))
    elif place.is_file() and is_zipfile(place):
        with opened_archive(place) as archive:
            found = members(archive)
            visible = _visible(found), _visible(folders(archive))
            yield Files(place, *visible, lambda name: read_member(archive, place, found[name]))
    else:
        raise not_found(place)


def not_found(place: Path) -> DataError:
    """The error for a place that is neither a directory nor a zip."""
    return DataError(
        f"{place} is no directory and no zip" if place.exists() else f"{place} does not exist",
        hint="name a directory or a zip that holds one folder of images per class",
    )


def fingerprint(place: Path) -> str:
    """A digest that changes when a file of the directory, or the zip, changes.

    Raises:
        DataError: The files cannot be listed.
    """
    try:
        if not place.is_dir():
            return fingerprint_of([place])
        return fingerprint_of(place / name for name in walked(place)[0])
    except OSError as error:
        raise _unreadable(place, error) from error


def walked(place: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the files and of the folders below a directory, sorted.

    Raises:
        DataError: A directory cannot be listed, or a link leaves it or leads back.
    """
    files: list[str] = []
    inner: list[str] = []
    for folder, inside, names in os.walk(place, onerror=_refuse, followlinks=True):
        # Changing the list keeps os.walk out of hidden folders.
        inside[:] = [name for name in inside if not _hidden(name)]
        _check_links(place, Path(folder), [*inside, *(name for name in names if not _hidden(name))])
        parent = Path(folder).relative_to(place)
        inner += [(parent / name).as_posix() for name in inside]
        files += [(parent / name).as_posix() for name in names if not _hidden(name)]
    return tuple(sorted(files)), tuple(sorted(inner))


def _check_links(place: Path, folder: Path, names: Iterable[str]) -> None:
    # What somebody else packed could show files that are none of the data, or never end.
    for link in (folder / name for name in names if (folder / name).is_symlink()):
        target = link.resolve()
        above = [each.resolve() for each in (folder, *folder.parents)]
        if target in above or not target.is_relative_to(place.resolve()):
            raise DataError(
                f"{link} is refused: it is a link that leaves {place}, or leads back",
                hint="put the files themselves there, or name the directory that holds them",
            )


def _hidden(part: str) -> bool:
    # What file managers leave behind: .DS_Store, ._cat.jpg, __MACOSX.
    return part.startswith(".") or part == "__MACOSX"


def _visible(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if not any(map(_hidden, name.split("/")))))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def _refuse(error: OSError) -> None:
    raise _unreadable(Path(error.filename), error) from error


def _unreadable(place: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot read {place}: {error.strerror or error}", hint="mend the permissions, or the disk"
    )
