"""A whole study on a PostgreSQL server."""

from pathlib import Path

import pytest

from autoae.store.runs import run_root, trial_folder
from tests.search.support import TWO, create, run, snapshot, tiny
from tests.store.postgres import needs_postgres, server


@needs_postgres
@pytest.mark.slow
def test_a_study_runs_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Run folders of a server's studies lie below the current directory.
    monkeypatch.chdir(tmp_path)
    with server() as url:
        create(url, tiny(TWO + "search: {trials: 12}\n"))
        run(url, trials=6)
        run(url, trials=12)
        found = snapshot(url)
    assert len(found.counted) == len(found.trials) == 12
    assert {trial.state for trial in found.trials} <= {"COMPLETE", "PRUNED"}
    assert all(trial_folder(run_root(url), "tiny", n).metrics.exists() for n in range(12))
