"""Workers and coordinators killed in mid-trial: nothing finished is lost, nothing is doubled."""

import os
import signal
import sys

import pytest

from tests.faults.invariants import invariants
from tests.faults.processes import LONG, Run, running, wait_for, workers_of
from tests.search.support import create, snapshot, tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]
SEARCH = "search: {method: random, pruner: none, trials: 4}\n"


def test_a_killed_worker_is_replaced_and_its_trial_asked_again(url: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    with Run(url, workers=2) as run:
        wait_for(lambda: run.told("epoch"))
        wait_for(lambda: bool(running(url)))
        victim = next(trial for trial in running(url))
        assert victim.lease is not None
        os.kill(victim.lease.pid, signal.SIGKILL)
        assert run.end() == 0
    found = invariants(url, budget=4)
    (lost,) = found.of_state("FAIL")
    assert lost.reason == "worker killed by SIGKILL, likely out of memory"
    (again,) = (trial for trial in found.trials if trial.retried_from == lost.number)
    assert again.params == lost.params
    assert run.told("finished", again.number, "COMPLETE")


def test_a_killed_coordinator_takes_its_workers_along_and_loses_nothing(url: str) -> None:
    # So many that some are left, however late this process learns that the first has finished.
    create(url, tiny(SEARCH.replace("4", "8"), text=LONG))
    with Run(url, workers=2) as run:
        wait_for(lambda: run.told("finished"))
        workers = workers_of(run)
        wait_for(lambda: bool(running(url)))
        run.process.kill()
        wait_for(lambda: not any(worker.is_running() for worker in workers))
        run.process.wait()
    before = snapshot(url)
    assert before.of_state("RUNNING")
    with Run(url, workers=2) as again:
        assert again.end() == 0
    found = invariants(url, budget=8)
    # What was finished stayed as it was; what was running was asked again, once.
    for trial in before.trials:
        after = found.trials[trial.number]
        if trial.state == "RUNNING":
            assert (after.state, after.reason) == ("FAIL", "coordinator ended")
        else:
            assert after == trial
    lost = {trial.number for trial in before.of_state("RUNNING")}
    assert {trial.retried_from for trial in found.trials} - {None} == lost


def test_one_interrupt_ends_the_epoch_and_queues_the_trial_again(url: str) -> None:
    create(url, tiny(SEARCH, text=LONG.replace("epochs: 200", "epochs: 100000")))
    with Run(url) as run:
        wait_for(lambda: run.told("epoch", 0, 3))
        run.signal_all(signal.SIGINT)
        assert run.end() == 130
    stopped, waiting = snapshot(url).trials
    assert (stopped.state, stopped.reason) == ("FAIL", "interrupted")
    assert stopped.epochs >= 3
    assert (waiting.state, waiting.retried_from) == ("WAITING", 0)


def test_after_the_end_of_a_batch_job_the_study_goes_on(url: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    with Run(url, workers=2) as run:
        wait_for(lambda: run.told("epoch"))
        # As Slurm does: to the workers as well.
        run.signal_all(signal.SIGTERM)
        assert run.end() == 130
    assert not running(url)
    assert {trial.reason for trial in snapshot(url).of_state("FAIL")} <= {"interrupted"}
    with Run(url, workers=2) as again:
        assert again.end() == 0
    invariants(url, budget=4)


def test_two_interrupts_end_at_once_and_the_next_run_recovers(url: str) -> None:
    # Batches of one image: an epoch takes long enough for a second Ctrl-C.
    slow = LONG.replace("limit: 200, validation: 100", "dataset: digits").replace(
        "epochs: 200", "epochs: 1, batch_size: 1"
    )
    create(url, tiny(SEARCH.replace("4", "1"), text=slow))
    with Run(url) as run:
        wait_for(lambda: run.told("started"))
        run.signal_all(signal.SIGINT)
        wait_for(lambda: any(line[0] == "log" for line in list(run.lines)))
        run.signal_all(signal.SIGINT)
        assert run.end() == 130
    assert run.told("ended", "interrupted at once")
    assert len(running(url)) == 1
    with Run(url) as again:
        assert again.end() == 0
    found = invariants(url, budget=1)
    assert [trial.state for trial in found.trials] == ["FAIL", "COMPLETE"]
