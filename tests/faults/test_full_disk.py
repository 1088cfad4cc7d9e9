"""A full disk lets the study wait until there is room, and harms nothing."""

import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from autoae.search.errors import SearchError
from autoae.search.surroundings import MOST_SURPRISES
from autoae.store import storage
from autoae.store.errors import StorageError
from autoae.store.runs import run_root, trial_folder
from tests.faults.disks import Disk, small_disk
from tests.faults.invariants import database_says, invariants
from tests.search.support import Recorder, create, run, snapshot, tiny

SEARCH = "search: {method: random, pruner: none, trials: 4}\n"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that can become full."""
    with small_disk(tmp_path / "disk") as found:
        yield found


class Filling(Recorder):
    """Fills a disk when the first trial has ended, and does something when that is noticed."""

    def __init__(self, disk: Disk, then: Callable[[], object]) -> None:
        super().__init__()
        self._disk, self._then = disk, then

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        if number == 0:
            self._disk.fill()

    def log(self, message: str) -> None:
        super().log(message)
        if "no room on the disk" in message:
            self._then()


def interrupt() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_trials_wait_for_room_and_go_on(
    url: str, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOAE_ARTIFACTS", str(disk.path))
    create(url, tiny(SEARCH))
    told = Filling(disk, disk.empty)
    assert dict(run(url, told).finished) == {"COMPLETE": 4, "FAIL": 1}
    said = [message for message in told.messages if "disk" in message]
    assert said[0].startswith(f"no room on the disk for {disk.path}/runs/tiny/1/")
    assert "0.0 MB are free, 16.8 MB are needed" in said[0]
    assert said[1:] == ["there is room on the disk again: the study goes on"]
    found = invariants(url, budget=4)
    assert "No space left on device" in found.trials[1].reason


def test_the_database_waits_for_room_too(disk: Disk) -> None:
    url = f"sqlite:///{disk.path / 'studies.db'}"
    create(url, tiny(SEARCH))
    told = Filling(disk, disk.empty)
    outcome = run(url, told)
    assert outcome.finished["COMPLETE"] == 4
    assert any("no room on the disk" in message for message in told.messages)
    invariants(url, budget=4)


@pytest.mark.parametrize("everything", [False, True])
def test_whoever_waits_for_room_can_be_interrupted(
    url: str, disk: Disk, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    if everything:
        url = f"sqlite:///{disk.path / 'studies.db'}"
    else:
        monkeypatch.setenv("AUTOAE_ARTIFACTS", str(disk.path))
    create(url, tiny(SEARCH))
    assert run(url, Filling(disk, interrupt)).interrupted
    disk.empty()
    first = snapshot(url).trials[0]
    run(url)
    found = invariants(url, budget=4)
    assert found.trials[0] == first


def test_a_folder_that_nobody_may_write_to_ends_the_study(
    url: str, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOAE_ARTIFACTS", str(disk.path))
    create(url, tiny(SEARCH))
    run(url, trials=1)
    disk.allow_writing(False)
    with pytest.raises(SearchError, match="could not be written: Read-only file system") as told:
        run(url, trials=4)
    assert "mend the permissions" in told.value.hint
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE", "FAIL", "WAITING"]
    disk.allow_writing(True)
    run(url)
    invariants(url, budget=4)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_quota_ends_the_study_for_there_is_room(url: str) -> None:
    create(url, tiny(SEARCH))
    for number in range(2, 2 + MOST_SURPRISES):
        folder = trial_folder(run_root(url), "tiny", number)
        folder.path.mkdir(parents=True)
        folder.metrics.symlink_to("/dev/full")
    with pytest.raises(SearchError, match="No space left on device") as refused:
        run(url)
    assert "study run" in refused.value.hint
    states = [trial.state for trial in snapshot(url).trials]
    assert states == ["COMPLETE", "COMPLETE", *["FAIL"] * MOST_SURPRISES, "WAITING"]
    run(url)
    invariants(url, budget=4)


def test_a_database_that_may_not_grow_ends_the_study(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(url, tiny(SEARCH.replace("4", "40")))
    run(url, trials=2)
    ((pages,),) = database_says(url, "PRAGMA page_count")
    with monkeypatch.context() as full:
        full.setattr(storage, "_Connection", _of_size(int(str(pages)) + 8))
        with pytest.raises(StorageError, match="database or disk is full") as refused:
            run(url, trials=40)
    assert "free some space" in refused.value.hint
    finished = snapshot(url).of_state("COMPLETE")
    assert len(finished) >= 2
    run(url, trials=len(finished) + 1)
    found = invariants(url, budget=len(finished) + 1)
    assert [found.trials[trial.number] for trial in finished] == list(finished)


def _of_size(pages: int) -> type[sqlite3.Connection]:
    class Full(storage._Connection):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            self.execute(f"PRAGMA max_page_count={pages}")

    return Full
