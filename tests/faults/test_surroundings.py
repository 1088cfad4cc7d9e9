"""Images that vanish, a database that somebody else has locked, files that were half written."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autoae.search import shelf
from autoae.search.errors import SearchError
from autoae.spec.errors import UserError
from autoae.store import storage
from autoae.store.errors import StorageError
from tests.faults.invariants import invariants
from tests.search.support import TINY as TEXT
from tests.search.support import Recorder, create, run, snapshot, tiny

SEARCH = "search: {method: random, pruner: none, trials: 3}\n"


class AfterTheFirst(Recorder):
    """Does something when the first trial has ended."""

    def __init__(self, harm: Callable[[], object]) -> None:
        super().__init__()
        self._harm = harm

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        if number == 0:
            self._harm()


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of images, and a cache of its own."""
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "cache"))
    # Loaded for each trial, as by a worker that replaces one.
    monkeypatch.setattr(shelf, "KEPT", 0)
    folder = tmp_path / "images"
    random = np.random.default_rng(0)
    for number in range(40):
        path = folder / f"class{number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (8, 8), np.uint8)).save(path)
    return folder


def test_images_that_vanish_end_the_study_and_it_goes_on_when_they_are_back(
    url: str, images: Path, tmp_path: Path
) -> None:
    data = f"data: {{dataset: folder, path: {images}, validation: 10}}"
    create(url, tiny(SEARCH, text=TEXT.replace("data: {limit: 200, validation: 100}", data)))
    away = tmp_path / "away"

    def vanish() -> None:
        images.rename(away)
        shutil.rmtree(tmp_path / "cache")

    with pytest.raises(SearchError, match="the images cannot be had any more") as told:
        run(url, AfterTheFirst(vanish))
    assert str(images) in told.value.message
    assert "then continue with `autoae study run`" in told.value.hint
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE", "FAIL", "WAITING"]
    with pytest.raises(UserError, match="images"):
        run(url)
    away.rename(images)
    run(url)
    invariants(url, budget=3)


def test_a_cache_that_vanishes_is_built_again(url: str, images: Path, tmp_path: Path) -> None:
    data = f"data: {{dataset: folder, path: {images}, validation: 10}}"
    create(url, tiny(SEARCH, text=TEXT.replace("data: {limit: 200, validation: 100}", data)))
    outcome = run(url, AfterTheFirst(lambda: shutil.rmtree(tmp_path / "cache")))
    assert dict(outcome.finished) == {"COMPLETE": 3}
    invariants(url, budget=3)


class Lock:
    """Somebody else who writes to the database and takes long for it."""

    def __init__(self, url: str) -> None:
        file = url.removeprefix("sqlite:///")
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)

    def take(self) -> None:
        """Begin to write."""
        self._connection.execute("BEGIN IMMEDIATE")

    def give_back(self) -> None:
        """Have nothing written."""
        self._connection.execute("ROLLBACK")
        self._connection.close()


def test_a_database_that_is_locked_for_a_while_is_waited_for(url: str) -> None:
    create(url, tiny(SEARCH))
    lock = Lock(url)

    def harm() -> None:
        lock.take()
        threading.Timer(0.5, lock.give_back).start()

    told = AfterTheFirst(harm)
    assert dict(run(url, told).finished) == {"COMPLETE": 3}
    assert told.messages == []
    invariants(url, budget=3)


def test_a_database_that_stays_locked_ends_the_run_and_the_next_one_goes_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(url, tiny(SEARCH))
    lock = Lock(url)
    with monkeypatch.context() as hasty:
        hasty.setattr(storage, "BUSY_SECONDS", 0.05)
        with pytest.raises(StorageError, match="database is locked") as told:
            run(url, AfterTheFirst(lock.take))
    assert "another program holds the database" in told.value.hint
    lock.give_back()
    first = snapshot(url).trials[0]
    run(url)
    assert invariants(url, budget=3).trials[0] == first
