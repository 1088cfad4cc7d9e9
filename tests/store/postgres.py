"""A PostgreSQL server of our own for the tests that need one; without its programs they skip."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

PROGRAMS = ("initdb", "pg_ctl")
USER = "postgres"
"""The server refuses to run as root; then it runs as this user, whom its packages create."""


def _programs() -> Path | None:
    """The folder with the server's programs, which Debian keeps out of the path."""
    folders = [Path(found).parent for found in (shutil.which("initdb"),) if found]
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folders.append(Path(said.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = (each for each in folders if all((each / name).exists() for name in PROGRAMS))
    return next(whole, None)


needs_postgres = pytest.mark.skipif(
    find_spec("psycopg") is None or _programs() is None,
    reason="needs psycopg and the programs of a PostgreSQL server",
)


@dataclass(frozen=True)
class Server:
    """A server that can be stopped and started again.

    Attributes:
        place: Its folder.
        port: On this machine.
    """

    place: Path
    port: int

    @property
    def url(self) -> str:
        """Of its database."""
        return f"postgresql+psycopg://{USER}:secret@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make its files."""
        self._run("initdb", "-A", "trust", "-U", USER)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.place} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-o", options, "-l", str(self.place / "log"), "-w", "start")

    def stop(self) -> None:
        """Break every connection and stop it."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        folder = _programs()
        assert folder is not None
        words = [*as_user, str(folder / program), "-D", str(self.place / "data"), *arguments]
        # A server that holds a pipe would keep its reader waiting.
        said = self.place / f"{program}.said"
        with said.open("w") as out:
            done = subprocess.run(words, stdout=out, stderr=out, check=False, cwd="/")
        assert done.returncode == 0, said.read_text()


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server on a free port; leaves nothing behind."""
    # Not in pytest's directory, which the server's user may not enter.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o777)
        made = Server(place, _free_port())
        made.create()
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def server() -> Iterator[str]:
    """Start a server; gives its URL and leaves nothing behind."""
    with running_server() as made:
        yield made.url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
