"""Workers and coordinators killed in mid-trial: nothing finished is lost, nothing is doubled.

Who is harmed is a process of its own. The run after it may be a thread of this one.
"""

import os
import signal
import sys

import pytest

from tests.faults.invariants import invariants
from tests.faults.processes import LONG, Run, running, wait_for, workers_of
from tests.search.support import create, run, snapshot, tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]
SEARCH = "search: {method: random, pruner: none, trials: 1}\n"


def test_a_killed_worker_is_replaced_and_its_trial_asked_again(url: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    with Run(url) as harmed:
        wait_for(lambda: harmed.told("epoch"))
        (worker,) = workers_of(harmed)
        os.kill(worker.pid, signal.SIGKILL)
        assert harmed.end() == 0
    found = invariants(url, budget=1)
    (lost,) = found.of_state("FAIL")
    assert lost.reason == "worker killed by SIGKILL, likely out of memory"
    (again,) = (trial for trial in found.trials if trial.retried_from == lost.number)
    assert again.params == lost.params
    assert harmed.told("finished", again.number, "COMPLETE")


def test_a_killed_coordinator_takes_its_workers_along_and_loses_nothing(url: str) -> None:
    # So many that some are left, however late this process learns that the first has finished.
    create(url, tiny(SEARCH.replace("1", "6"), text=LONG))
    with Run(url, workers=2) as harmed:
        wait_for(lambda: harmed.told("finished"))
        workers = workers_of(harmed)
        wait_for(lambda: bool(running(url)))
        harmed.process.kill()
        wait_for(lambda: not any(worker.is_running() for worker in workers))
        harmed.process.wait()
    before = snapshot(url)
    assert before.of_state("RUNNING")
    run(url)
    found = invariants(url, budget=6)
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
    create(url, tiny(SEARCH, text=LONG.replace("epochs: 60", "epochs: 100000")))
    with Run(url) as harmed:
        wait_for(lambda: harmed.told("epoch", 0, 3))
        harmed.signal_all(signal.SIGINT)
        assert harmed.end() == 130
    stopped, waiting = snapshot(url).trials
    assert (stopped.state, stopped.reason) == ("FAIL", "interrupted")
    assert stopped.epochs >= 3
    assert (waiting.state, waiting.retried_from) == ("WAITING", 0)


def test_after_the_end_of_a_batch_job_the_study_goes_on(url: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    with Run(url) as harmed:
        wait_for(lambda: harmed.told("epoch"))
        # As Slurm does: to the workers as well.
        harmed.signal_all(signal.SIGTERM)
        assert harmed.end() == 130
    assert not running(url)
    assert {trial.reason for trial in snapshot(url).of_state("FAIL")} <= {"interrupted"}
    run(url)
    invariants(url, budget=1)


def test_two_interrupts_end_at_once_and_the_next_run_recovers(url: str) -> None:
    # Batches of one image: an epoch takes long enough for a second Ctrl-C.
    slow = LONG.replace("limit: 200", "limit: 900").replace(
        "epochs: 60", "epochs: 1, batch_size: 1"
    )
    create(url, tiny(SEARCH, text=slow))
    with Run(url) as harmed:
        wait_for(lambda: harmed.told("started"))
        harmed.signal_all(signal.SIGINT)
        wait_for(lambda: any(line[0] == "log" for line in list(harmed.lines)))
        harmed.signal_all(signal.SIGINT)
        assert harmed.end() == 130
    assert harmed.told("ended", "interrupted at once")
    assert len(running(url)) == 1
    run(url)
    found = invariants(url, budget=1)
    assert [trial.state for trial in found.trials] == ["FAIL", "COMPLETE"]
