"""A disk of some megabytes: full when a test wants it to be."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

MEGABYTE = 2**20


@dataclass(frozen=True)
class Disk:
    """A file system of its own.

    Attributes:
        path: Where it is.
    """

    path: Path

    @property
    def _filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Leave not a byte."""
        with suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while filler.write(bytes(MEGABYTE)):
                pass

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def allow_writing(self, allowed: bool) -> None:
        """Let it be read only, or not."""
        how = "rw" if allowed else "ro"
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True)


@contextmanager
def small_disk(path: Path, megabytes: int = 48) -> Iterator[Disk]:
    """Mount a small disk in an empty folder; where that is not allowed, the test is skipped."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    path.mkdir()
    size = f"size={megabytes}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(path)]
    done = subprocess.run(mount, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"this system mounts no small disk: {done.stderr.decode().strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
