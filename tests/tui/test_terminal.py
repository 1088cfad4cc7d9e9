"""The monitor in a real terminal: a study runs, a trial is pruned from the keys, and it ends."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autoae.store.snapshot import StudySnapshot
from autoae.store.tables import TableReader

STUDY = """\
description: Long enough to be looked at
data: {dataset: digits, validation: 300}
model: {encoder: {kind: conv, depth: 1, width: 8}, latent: {min: 4, max: 8}, task: classify}
training: {epochs: 9000, checkpoint_every: 0}
search: {trials: 2, pruner: none, method: random}
"""
PATIENCE = 180

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Terminal:
    """A terminal of its own tmux server."""

    def __init__(self, socket: Path, command: str, folder: Path) -> None:
        self._socket = socket
        self.tmux("new-session", "-d", "-x", "100", "-y", "30", "-c", str(folder), command)

    def tmux(self, *words: str) -> str:
        """Run a tmux command."""
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.tmux("send-keys", *keys)

    def screen(self) -> str:
        """What stands there."""
        return self.tmux("capture-pane", "-p")

    def wait_for(self, words: str) -> None:
        """Wait until words stand there."""
        wait(lambda: words in self.screen(), self.screen)


def wait(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """With a study that runs until it is stopped."""
    (tmp_path / "long.yaml").write_text(STUDY)
    words = [sys.executable, "-m", "autoae", "study", "create", "long.yaml", "--run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (tmp_path / "run.log").open("wb") as log:
        run = subprocess.Popen(
            [*words, "--workers", "1"], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    yield tmp_path
    if run.poll() is None:
        run.terminate()
    run.wait(PATIENCE)


def study(folder: Path) -> StudySnapshot:
    """The study as the storage has it."""
    reader = TableReader(f"sqlite:///{folder}/storage/autoae.db", "long")
    try:
        return reader.read().snapshot
    finally:
        reader.close()


@needs_tmux
@pytest.mark.slow
def test_a_trial_is_pruned_from_the_keys_and_the_study_is_stopped(folder: Path) -> None:
    def log() -> str:
        return (folder / "run.log").read_text()

    wait((folder / "storage/runs/long/0/metrics.jsonl").exists, log)
    command = f"{sys.executable} -m autoae monitor long"
    terminal = Terminal(folder / "tmux", command, folder)
    try:
        terminal.wait_for("1 running")
        terminal.wait_for("/9000")
        terminal.press("x")
        terminal.wait_for("Prune trial 0?")
        terminal.press("y")
        terminal.wait_for("1 pruned")
        wait(lambda: study(folder).trials[0].state == "PRUNED", log)
        assert study(folder).trials[0].reason
        wait(lambda: len(study(folder).of_state("RUNNING")) == 1, log)
        terminal.press("2")
        terminal.wait_for("by trial")
        terminal.press("S")
        terminal.wait_for("Stop long?")
        terminal.press("y")
        wait(lambda: not study(folder).of_state("RUNNING"), log)
        terminal.press("q")
        wait(lambda: not terminal.screen().strip(), terminal.screen)
    finally:
        terminal.tmux("kill-server")
