"""Files are whole or not there, whatever the disk does meanwhile."""

import errno
import os
from pathlib import Path

import pytest

from autoae.spec.files import UnwrittenError, append, keep, replace_file, sweep


def fill(monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC) -> None:
    """Let the disk be full, or forbidden, when something is flushed to it."""

    def flush(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", flush)


def test_a_failed_write_leaves_the_old_file_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old")
    fill(monkeypatch)
    with pytest.raises(UnwrittenError, match=r"No space left on device: .*file") as failed:
        replace_file(path, b"new")
    assert (failed.value.errno, failed.value.filename) == (errno.ENOSPC, str(path))
    assert failed.value.needed == 3
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, flush = tmp_path / "file", os.fsync
    flushed = list[tuple[str, bool]]()

    def look(handle: int) -> None:
        flushed.append((Path(f"/proc/self/fd/{handle}").readlink().name, path.exists()))
        flush(handle)

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not say which file a handle is of")
    monkeypatch.setattr(os, "fsync", look)
    replace_file(path, b"new")
    assert flushed == [(f".file.{os.getpid()}", False)]


def test_a_disk_that_takes_a_part_of_a_line_is_full(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs a file that is always full")
    with pytest.raises(UnwrittenError, match="No space left on device: '/dev/full'"):
        append(Path("/dev/full"), b"line\n")
    resource = pytest.importorskip("resource")
    path, limits = tmp_path / "lines", resource.getrlimit(resource.RLIMIT_FSIZE)
    append(path, b"12345678")
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(UnwrittenError):
            append(path, b"abcdefgh")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"12345678ab"


def test_what_was_added_and_its_folder_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tmp_path / "lines", b"1\n")
    keep(tmp_path, tmp_path / "lines", tmp_path / "missing")
    fill(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        keep(tmp_path)


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in (".checkpoint.pt.1234", ".hidden", ".notes.txt", "checkpoint.pt"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    sweep(tmp_path / "missing")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".hidden", ".notes.txt", "checkpoint.pt"]
