"""Zips of other people: read member by member, never unpacked, refused when they could do harm."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from posixpath import dirname, normpath
from zipfile import BadZipFile, ZipFile, ZipInfo

from autoae.data.errors import DataError

MAX_UNPACKED = 100 * 2**30
"""Bytes that a zip may hold, unpacked."""

MAX_RATIO = 100
"""Unpacked bytes per byte of the zip; photographs reach 1.1, flat drawings 20."""

_ENCRYPTED = 1


@contextmanager
def opened_archive(place: Path) -> Iterator[ZipFile]:
    """Open a zip after a look at its table of contents.

    Raises:
        DataError: It is damaged, locked with a password, leaves its directory, or is a bomb.
    """
    try:
        archive = ZipFile(place)
    except (BadZipFile, OSError, NotImplementedError) as error:
        raise damaged(place, str(error)) from error
    with archive:
        _check_names(archive, place)
        _check_sizes(archive, place)
        yield archive


def members(archive: ZipFile) -> dict[str, ZipInfo]:
    """The files of a zip by their names, without "./" and the like."""
    entries = (entry for entry in archive.infolist() if not entry.is_dir())
    return {normpath(entry.filename): entry for entry in entries}


def folders(archive: ZipFile) -> tuple[str, ...]:
    """All folders of a zip, those too that no entry names."""
    # "pets/cat/" and "pets/cat/1.jpg" both lie in "pets/cat"; few folders, many files.
    direct = map(PurePosixPath, {dirname(name) for name in archive.namelist()})
    found = {folder for path in direct for folder in (path, *path.parents)}
    return tuple(str(folder) for folder in found if folder.name)


def read_member(archive: ZipFile, place: Path, member: ZipInfo) -> bytes:
    """The content of one file.

    Raises:
        DataError: The zip is damaged there.
    """
    try:
        return archive.read(member)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise damaged(place, f"{member.filename}: {error}") from error


def damaged(place: Path, reason: str) -> DataError:
    """The error for a file that is not what it was."""
    return DataError(f"{place} is damaged: {reason}", hint="get the file again")


def _check_names(archive: ZipFile, place: Path) -> None:
    for entry in archive.infolist():
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise _refused(place, f"its member {entry.filename!r} leaves the directory")
        if entry.flag_bits & _ENCRYPTED:
            raise _refused(place, f"its member {entry.filename!r} is locked with a password")


def _check_sizes(archive: ZipFile, place: Path) -> None:
    unpacked = sum(entry.file_size for entry in archive.infolist())
    # The size of the file itself: members that overlap cannot lie about it.
    ratio = unpacked / place.stat().st_size
    if unpacked > MAX_UNPACKED:
        raise _refused(place, _too_large(unpacked))
    if ratio > MAX_RATIO:
        raise _refused(place, f"it grows {ratio:.0f} times when unpacked, the most is {MAX_RATIO}")


def _too_large(unpacked: int) -> str:
    return f"it holds {unpacked:,} bytes, the most is {MAX_UNPACKED:,}"


def _refused(place: Path, reason: str) -> DataError:
    return DataError(
        f"{place} is refused: {reason}",
        hint="if you trust it, unpack it yourself and name the directory",
    )
