"""A trial that was lost goes on from its last checkpoint, as if nothing had happened."""

import os
import shutil
import signal
import sys
from collections.abc import Mapping
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from zipfile import ZipFile

import pytest

from autoae.search import keeper, results
from autoae.search.launch import Worker
from autoae.search.messages import Epoch, News
from autoae.search.run import RunOptions, run_study
from autoae.search.worker import serve
from autoae.store.depot import Depot
from autoae.store.runs import RunFolder, run_root, trial_folder
from autoae.store.snapshot import StudySnapshot
from tests.faults.invariants import curve, invariants
from tests.search.support import Recorder, create, launch_thread, run, snapshot, tiny
from tests.store.artifact_stores import Memory

HARMS = (
    "checkpoint torn",
    "checkpoint gone",
    "checkpoint flipped",
    "metrics torn",
    "metrics short",
)
SEARCH = "search: {method: random, pruner: none, seed: 3, trials: 1}\n"
TEXT = """\
data: {limit: 200, validation: 100}
model:
  encoder: {kind: mlp, depth: 1, width: {values: [8, 16]}}
  latent: 4
  task: classify
  dropout: 0.2
training: {lr: {min: 1e-3, max: 1e-1, log: true}, epochs: 5, schedule: cosine}
"""


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs of milliseconds are not all saved otherwise."""
    monkeypatch.setattr(results, "CHECKPOINT_SECONDS", 0.0)


class _KilledAfterThree:
    """A pipe that ends its process as soon as it has told of the third epoch."""

    def __init__(self, connection: Connection) -> None:
        self.poll, self.recv = connection.poll, connection.recv
        self._connection = connection

    def send(self, news: News) -> None:
        self._connection.send(news)
        if isinstance(news, Epoch) and news.epoch == 3:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_after_three(connection: Connection) -> None:
    """A worker that trains for real until it is killed."""
    results.CHECKPOINT_SECONDS = 0.0
    serve(_KilledAfterThree(connection))


class _FirstIsKilled:
    """Launches a process that is killed, and then workers that live."""

    def __init__(self) -> None:
        self.launched = 0

    def __call__(self, index: int) -> Worker:
        self.launched += 1
        if self.launched > 1:
            return launch_thread(index)
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=killed_after_three, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return Worker(index, process, ours)


class _Leaves(Recorder):
    """A coordinator that ends at once in the middle of a trial and leaves it running."""

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if epoch == 3:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudySnapshot, RunFolder]:
    """The study when nothing happens to it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'studies.db'}"
    create(url, tiny(SEARCH, text=TEXT))
    run(url)
    return snapshot(url), trial_folder(run_root(url), "tiny", 0)


def check_as_whole(url: str, number: int, whole: tuple[StudySnapshot, RunFolder]) -> None:
    """A trial has the metrics of the trial to which nothing happened."""
    found, (expected,) = invariants(url, budget=1), whole[0].trials
    trial = found.trials[number]
    assert curve(trial_folder(run_root(url), "tiny", number)) == curve(whole[1])
    assert (trial.values, trial.curves) == (expected.values, expected.curves)
    assert (trial.seed, trial.epochs, trial.params) == (expected.seed, 5, expected.params)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_after_its_worker_was_killed(url: str, whole: tuple[StudySnapshot, RunFolder]) -> None:
    create(url, tiny(SEARCH, text=TEXT))
    told = Recorder()
    run_study("tiny", url, RunOptions(), told, launch=_FirstIsKilled())
    assert "trial 1 goes on after epoch 3 of the trial that it repeats" in told.messages
    assert [trial.state for trial in snapshot(url).trials] == ["FAIL", "COMPLETE"]
    check_as_whole(url, 1, whole)


def lose(url: str) -> RunFolder:
    """A trial that its coordinator left running; gives its run folder."""
    create(url, tiny(SEARCH, text=TEXT))
    assert run(url, _Leaves()).stopped_because == "interrupted at once"
    assert [trial.state for trial in snapshot(url).trials] == ["RUNNING"]
    folder = trial_folder(run_root(url), "tiny", 0)
    # As of a worker that was killed while it wrote.
    (folder.path / ".checkpoint.pt.4242").write_bytes(b"half")
    return folder


def test_after_its_coordinator_ended(url: str, whole: tuple[StudySnapshot, RunFolder]) -> None:
    lose(url)
    run(url, told := Recorder())
    assert any("trial 1 goes on after epoch" in message for message in told.messages)
    check_as_whole(url, 1, whole)


def test_on_another_machine_from_what_was_copied_to_a_bucket(
    url: str, whole: tuple[StudySnapshot, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Memory()
    monkeypatch.setattr(keeper, "depot_for", lambda root, study: Depot(store, "", root, study))
    folder = lose(url)
    shutil.rmtree(folder.path.parent)
    run(url, told := Recorder())
    assert any("trial 1 goes on after epoch" in message for message in told.messages)
    check_as_whole(url, 1, whole)
    files = {name.removeprefix("runs/tiny/1/") for name in store.files if "/1/" in name}
    kept = trial_folder(run_root(url), "tiny", 1).path.iterdir()
    assert files == {path.name for path in kept}


@pytest.mark.parametrize(
    "harm", ["checkpoint torn", "checkpoint gone", "checkpoint flipped", "metrics torn"]
)
def test_what_cannot_be_read_is_trained_anew(
    url: str, whole: tuple[StudySnapshot, RunFolder], harm: str
) -> None:
    folder = lose(url)
    _harm(folder, harm)
    run(url, told := Recorder())
    assert any("trial 1 starts at the beginning" in message for message in told.messages)
    check_as_whole(url, 1, whole)


def _harm(folder: RunFolder, harm: str) -> None:
    path: Path = folder.metrics if harm.startswith("metrics") else folder.checkpoint
    content = path.read_bytes()
    if harm == "checkpoint gone":
        path.unlink()
    elif harm == "checkpoint flipped":
        path.write_bytes(_flipped(content))
    elif harm == "metrics short":
        path.write_bytes(content.splitlines(keepends=True)[0])
    else:
        path.write_bytes(content[:100])


def _flipped(content: bytes) -> bytes:
    """One bit of the largest tensor is another one."""
    with ZipFile(BytesIO(content)) as archive:
        largest = max(archive.infolist(), key=lambda each: each.file_size)
        data = archive.read(largest)
    middle = content.index(data) + len(data) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
