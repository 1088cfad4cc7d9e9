"""Workers that die again and again."""

import sys

import pytest

from autoae.search.errors import SearchError
from autoae.search.run import RunOptions, run_study
from tests.search.support import Recorder, create, snapshot, tiny
from tests.search.untrained import dies_at_once, dies_in_training, launches

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
KILLED = "worker killed by SIGKILL, likely out of memory"
SEARCH = "search: {method: random, trials: 2}\n"


@pytest.mark.slow
def test_one_configuration_gets_three_attempts(url: str) -> None:
    create(url, tiny(SEARCH))
    outcome = run_study("tiny", url, RunOptions(), Recorder(), launch=launches(dies_in_training))
    assert dict(outcome.finished) == {"FAIL": 6}
    found = snapshot(url)
    assert len(found.counted) == 2
    for first in (0, 3):
        attempts = found.trials[first : first + 3]
        assert [trial.retried_from for trial in attempts] == [None, first, first + 1]
        assert attempts[0].params == attempts[1].params == attempts[2].params
        reasons = [trial.reason for trial in attempts]
        assert reasons == [KILLED, KILLED, f"{KILLED} (3 attempts)"]


def test_a_run_says_how_often_it_tries_again(url: str) -> None:
    create(url, tiny(SEARCH.replace("2", "1")))
    options = RunOptions(retries=0)
    run_study("tiny", url, options, Recorder(), launch=launches(dies_in_training))
    (trial,) = snapshot(url).trials
    assert (trial.state, trial.reason) == ("FAIL", KILLED)


def test_workers_that_cannot_begin_end_the_study(url: str) -> None:
    create(url, tiny(SEARCH))
    with pytest.raises(SearchError, match="before they can begin: worker ended with exit code 3"):
        run_study("tiny", url, RunOptions(), Recorder(), launch=launches(dies_at_once))
