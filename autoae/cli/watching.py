"""`autoae study run --monitor`: the run in a process of its own, the monitor in front of it."""

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import typer

from autoae.cli.answer import answer
from autoae.cli.errors import ExitCode
from autoae.cli.monitor import check_storage
from autoae.cli.opened import opened
from autoae.cli.output import note
from autoae.cli.running import Wishes
from autoae.store.storage import storage_url
from autoae.store.urls import handed_on

_LOOK_SECONDS = 0.3


def run_and_watch(name: str, storage: str | None, wishes: Wishes) -> None:
    """Run a study and show the monitor; after it was left, wait for the end and print the answer.

    Args:
        name: Of the study.
        storage: As the user gave it.
        wishes: How to run it.

    Raises:
        typer.Exit: The run was interrupted or failed.
    """
    from autoae.views.tui.run import run_monitor

    url = storage_url(storage)
    check_storage(url, name)
    with tempfile.TemporaryDirectory(prefix="autoae-run-") as folder:
        log = Path(folder) / "log"
        process = _start(name, storage, wishes, log)
        run_monitor(url, name, storage)
        code = _wait(process, log, name)
    if code == ExitCode.DONE:
        with opened(name, storage) as study:
            answer(study, storage, as_json=False)
        return
    raise typer.Exit(code)


def words_of(name: str, storage: str | None, wishes: Wishes) -> list[str]:
    """The command that runs a study as the user wants it."""
    given = {
        "--workers": wishes.workers,
        "--device": wishes.device,
        "--timeout": wishes.timeout,
        "--trials": wishes.trials,
        "--retries": wishes.retries,
        **_of_ray(wishes),
    }
    named = [str(word) for pair in given.items() if pair[1] is not None for word in pair]
    # With its answer for programs, its progress goes to stderr.
    flags = ["--tensorboard"] if wishes.tensorboard else []
    words = [*handed_on(storage)[0], *named, *flags]
    return [sys.executable, "-m", "autoae", "study", "run", name, "--json", *words]


def _of_ray(wishes: Wishes) -> dict[str, object]:
    shares = wishes.shares
    if shares is None:
        return {}
    return {
        "--launcher": "ray",
        "--ray-address": shares.address,
        "--cpus-per-worker": shares.cpus,
        "--gpus-per-worker": shares.gpus,
    }


def _start(name: str, storage: str | None, wishes: Wishes, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own command
            words_of(name, storage, wishes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
            env={**handed_on(storage)[1], "PYTHONUNBUFFERED": "1"},
        )


def _wait(process: "subprocess.Popen[bytes]", log: Path, name: str) -> int:
    """Pass on what the run says until it ends; Ctrl-C reaches it too, and it stops by itself."""
    if process.poll() is None:
        note(f"{name} still runs; Ctrl-C stops it and nothing is lost")
    told = len(log.read_bytes()) if process.poll() is None else 0
    while True:
        with suppress(KeyboardInterrupt):
            ended = _ended(process)
            text = log.read_bytes()
            sys.stderr.write(text[told:].decode(errors="replace"))
            sys.stderr.flush()
            told = len(text)
            if ended:
                return process.returncode


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LOOK_SECONDS)
    return process.returncode is not None
