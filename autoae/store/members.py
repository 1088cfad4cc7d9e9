"""The files of a zip that somebody else made, read into memory and refused when they could harm."""

import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from autoae.store.errors import BundleError

MOST_UNPACKED = 512 * 2**20
"""Bytes that a zip may hold, unpacked: ten thousand trials of a hundred epochs are half of it."""

_ENCRYPTED = 1
_DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


def read_members(path: Path) -> dict[str, bytes]:
    """The content of every file by its name.

    Raises:
        BundleError: There is no such file, it is no zip, a member leaves the directory or is
            locked, or it is too large when unpacked.
    """
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            _check(path, entries)
            # A member never gives more bytes than the table of contents says.
            files = [entry for entry in entries if not entry.is_dir()]
            return {entry.filename: archive.read(entry) for entry in files}
    except FileNotFoundError as error:
        raise BundleError(f"there is no file {path}") from error
    except _DAMAGED as error:
        raise BundleError(
            f"{path} is no bundle of a study, or a damaged one: {error}",
            hint="`autoae study bundle STUDY` makes one",
        ) from error


def _check(path: Path, entries: list[ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise _refused(path, f"its member {entry.filename!r} leaves the directory")
        if entry.flag_bits & _ENCRYPTED:
            raise _refused(path, f"its member {entry.filename!r} is locked with a password")
    if len(set(names)) < len(names):
        raise _refused(path, "two of its members have one name")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED:
        raise _refused(path, f"it holds {unpacked:,} bytes, the most is {MOST_UNPACKED:,}")


def _refused(path: Path, reason: str) -> BundleError:
    return BundleError(f"{path} is refused: {reason}")
