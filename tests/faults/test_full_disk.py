"""A disk that is full ends the study with one message and harms nothing."""

import sqlite3
from pathlib import Path

import pytest

from autoae.search.errors import SearchError
from autoae.store import storage
from autoae.store.errors import StorageError
from autoae.store.runs import run_root, trial_folder
from tests.faults.processes import check_whole, database_says
from tests.search.support import create, run, snapshot, tiny

SEARCH = "search: {method: random, pruner: none, trials: 4}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_worker_that_cannot_write(url: str) -> None:
    create(url, tiny(SEARCH))
    folder = trial_folder(run_root(url), "tiny", 2)
    folder.path.mkdir(parents=True)
    folder.metrics.symlink_to("/dev/full")
    with pytest.raises(SearchError, match="No space left on device") as refused:
        run(url)
    assert "study run" in refused.value.hint
    states = [trial.state for trial in snapshot(url).trials]
    assert states == ["COMPLETE", "COMPLETE", "FAIL", "WAITING"]
    run(url)
    check_whole(url, budget=4)


def test_a_database_that_cannot_grow(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
    found = check_whole(url, budget=len(finished) + 1)
    assert [found.trials[trial.number] for trial in finished] == list(finished)


def _of_size(pages: int) -> type[sqlite3.Connection]:
    class Full(storage._Connection):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            self.execute(f"PRAGMA max_page_count={pages}")

    return Full
