"""Several coordinators run one study, and one of them is killed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from autoae.store.log import StudyLog
from autoae.store.snapshot import StudySnapshot
from autoae.store.storage import close_storage, open_storage
from tests.faults.crew import crew, watched
from tests.faults.invariants import check_trials
from tests.faults.processes import wait_for
from tests.search.support import TINY, create, tiny
from tests.store.postgres import needs_postgres, running_server, server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]
BUDGET = 6
LONG = TINY.replace("epochs: 2", "epochs: 60")
SEARCH = f"search: {{method: random, pruner: none, trials: {BUDGET}}}\n"
LIST = f"""\
{
    TINY.replace("{min: 1, max: 2}", "1")
    .replace("{values: [8, 16]}", "8")
    .replace("{min: 2, max: 8, log: true}", "2")
    .replace("{min: 1e-3, max: 1e-1, log: true}", "0.01")
}
variants: {{small: {{model.latent: 2}}, large: {{model.latent: 8}}, slow: {{training.lr: 0.001}}}}
search: {{method: list, seeds: 3}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """A server for the tests of this module."""
    with server() as url:
        yield url


@pytest.fixture
def postgres(running: str) -> Iterator[str]:
    """The same, without a study."""
    yield running
    storage = open_storage(running)
    optuna.delete_study(study_name="tiny", storage=storage)
    close_storage(storage)


def check_shared(found: StudySnapshot, coordinators: int) -> None:
    """Each coordinator has drawn with a seed of its own, and every trial says whose it is."""
    leases = [trial.lease for trial in found.trials]
    seeds = {(each.coordinator_pid, each.sampler_seed) for each in leases if each is not None}
    assert None not in leases
    assert len({pid for pid, _ in seeds}) == coordinators
    assert len({seed for _, seed in seeds}) == coordinators == len(seeds)


def killed_in_the_middle(url: str, folder: Path, workers: int) -> StudySnapshot:
    """Four coordinators, of which one is killed while it trains; gives the study at the end."""
    create(url, tiny(SEARCH, text=LONG))
    with crew(url, folder, 4, workers) as members, watched(url) as study:
        wait_for(lambda: study.saved(folder) is not None)
        victim = study.saved(folder)
        assert victim is not None
        assert victim.lease is not None
        members.kill(victim.lease.coordinator_pid)
        codes = members.end()
        assert sorted(code for code in codes if code is not None) == [-9, 0, 0, 0]
        found = study.read()
        repeated = {
            t.retried_from: study.resumed(t.number)
            for t in found.trials
            if t.retried_from is not None
        }
    check_trials(found, BUDGET)
    lost = [trial for trial in found.trials if trial.reason == "coordinator ended"]
    assert len(found.trials) == BUDGET + len(lost)
    assert 1 <= len(lost) <= workers
    for trial in lost:
        (again,) = (each for each in found.trials if each.retried_from == trial.number)
        assert again.state == "COMPLETE"
        assert again.lease is not None
        assert again.lease.coordinator_pid != victim.lease.coordinator_pid
    assert repeated[victim.number] > 0
    return found


@needs_postgres
def test_one_of_four_is_killed_and_nothing_is_lost_or_doubled(
    postgres: str, tmp_path: Path
) -> None:
    found = killed_in_the_middle(postgres, tmp_path, workers=1)
    check_shared(found, coordinators=4)


@needs_postgres
@pytest.mark.faults
def test_one_of_four_with_two_worker_processes_each_is_killed(
    postgres: str, tmp_path: Path
) -> None:
    found = killed_in_the_middle(postgres, tmp_path, workers=2)
    check_shared(found, coordinators=4)


@needs_postgres
@pytest.mark.faults
def test_a_server_that_is_restarted_is_waited_for(tmp_path: Path) -> None:
    log = StudyLog(tmp_path / "storage" / "runs" / "tiny")
    with running_server() as database:
        create(database.url, tiny(SEARCH, text=LONG))
        with crew(database.url, tmp_path, 2) as members:
            with watched(database.url) as study:
                wait_for(lambda: study.saved(tmp_path) is not None)
            database.stop()
            wait_for(lambda: _said(log, "does not answer"))
            database.start()
            assert members.end() == [0, 0]
        with watched(database.url) as study:
            found = study.read()
    assert _said(log, "answers again")
    check_trials(found, BUDGET)


def _said(log: StudyLog, words: str) -> bool:
    return any(words in line.message for line in log.read())


@needs_postgres
def test_a_list_is_trained_once_however_many_train_it(postgres: str, tmp_path: Path) -> None:
    study = tiny(text=LIST, name="tiny")
    create(postgres, study)
    with crew(postgres, tmp_path, 4) as members, watched(postgres) as seen:
        assert members.end() == [0] * 4
        found = seen.read()
    check_trials(found, 9)
    assert len({(trial.variant, trial.seed) for trial in found.trials}) == len(found.trials) == 9
