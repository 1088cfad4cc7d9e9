"""A PostgreSQL server of our own for the tests that need one; without its programs they skip."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

PROGRAMS = ("initdb", "pg_ctl")
USER = "postgres"
"""The server refuses to run as root; then it runs as this user, whom its packages create."""

needs_postgres = pytest.mark.skipif(
    find_spec("psycopg") is None or not all(shutil.which(name) for name in PROGRAMS),
    reason="needs psycopg and the programs of a PostgreSQL server",
)


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a free port; gives its URL and leaves nothing behind."""
    # Not in pytest's directory, which the server's user may not enter.
    with tempfile.TemporaryDirectory() as name:
        place, port = Path(name), _free_port()
        place.chmod(0o777)
        data = str(place / "data")
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run("initdb", "-D", data, "-A", "trust", "-U", USER)
        _run("pg_ctl", "-D", data, "-o", options, "-l", str(place / "log"), "-w", "start")
        try:
            yield f"postgresql+psycopg://{USER}:secret@127.0.0.1:{port}/postgres"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
            _run("rm", "-r", data)


def _run(program: str, *arguments: str) -> None:
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_user, program, *arguments], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
