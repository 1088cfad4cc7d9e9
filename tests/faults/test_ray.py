"""On a cluster of two nodes: workers that are killed or hang, a pause, Ctrl-C and a new run."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from autoae.search.run import Outcome, RunOptions, run_study
from autoae.search.shares import Shares
from autoae.store.commands import StudyCommands
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from tests.faults.invariants import invariants
from tests.faults.processes import LONG
from tests.search.support import Recorder, create, snapshot, tiny

pytest.importorskip("ray", reason="Ray is not installed (pip install 'autoae[ray]')")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning"),
]
SEARCH = "search: {method: random, pruner: none, seed: 3, trials: 3, epoch_timeout: 20}\n"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of two nodes with room for one worker each."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False}
    found = Cluster(initialize_head=True, head_node_args=head)
    found.add_node(num_cpus=1)
    yield found.address
    found.shutdown()  # type: ignore[no-untyped-call]


@dataclass
class Harms(Recorder):
    """Sends a signal to the worker of a trial after its tenth epoch, so many times.

    Attributes:
        url: Of the storage.
        number: What to send.
        times: How many trials are harmed.
    """

    url: str = ""
    number: signal.Signals = signal.SIGKILL
    times: int = 1
    harmed: list[int] = field(default_factory=list)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if epoch >= 10 and len(self.harmed) < self.times and number not in self.harmed:
            self.harmed.append(number)
            lease = snapshot(self.url).trials[number].lease
            assert lease is not None
            os.kill(lease.pid, self.number)


def _run(url: str, address: str, told: Recorder, workers: int = 2, retries: int = 2) -> Outcome:
    from autoae.search.cluster import connected

    options = RunOptions(workers=workers, retries=retries)
    with connected(Shares(address), workers) as nodes:
        return run_study("tiny", url, options, told, launch=nodes.launch)


def test_the_trial_of_a_worker_that_is_killed_is_tried_again(url: str, address: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    told = Harms(url=url)
    _run(url, address, told)
    (lost,) = invariants(url, budget=3).of_state("FAIL")
    assert [lost.number] == told.harmed
    assert "died, likely out of memory or killed" in lost.reason


def test_no_more_often_than_a_run_says(url: str, address: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    told = Harms(url=url, times=2)
    _run(url, address, told, workers=1, retries=1)
    first, again = invariants(url, budget=3, compared=0).of_state("FAIL")
    assert (first.number, again.retried_from) == (told.harmed[0], first.number)
    assert again.reason.endswith("(2 attempts)")


def test_a_worker_that_hangs_fails_its_trial_and_the_study_goes_on(url: str, address: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    _run(url, address, Harms(url=url, number=signal.SIGSTOP))
    found = invariants(url, budget=3)
    (hung,) = found.of_state("FAIL")
    assert hung.reason == "no epoch within 20 s (search.epoch_timeout)"
    assert len(found.of_state("COMPLETE")) == 2


@dataclass
class Interrupts(Recorder):
    """Presses Ctrl-C in the middle of the first trial."""

    asked: bool = False

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if epoch >= 10 and not self.asked:
            self.asked = True
            signal.raise_signal(signal.SIGINT)


def test_a_run_that_was_interrupted_goes_on_where_it_was(url: str, address: str) -> None:
    create(url, tiny(SEARCH, text=LONG))
    assert _run(url, address, Interrupts()).interrupted
    assert snapshot(url).of_state("RUNNING") == ()
    _run(url, address, told := Recorder())
    assert any("goes on after epoch" in message for message in told.messages)
    invariants(url, budget=3)


@dataclass
class Pauses(Recorder):
    """Pauses the study in its first trial, and resumes it once nothing trains any more.

    Attributes:
        url: Of the storage.
        paused: What the run said of it.
        waited: How many trials were left to train when it was resumed.
    """

    url: str = ""
    paused: list[bool] = field(default_factory=list)
    waited: int = 0

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if epoch == 10 and number == 0:
            _pause(self.url)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        super().trial_finished(number, state, values, reason)
        self._resume_when_idle()

    def study_paused(self, paused: bool) -> None:
        self.paused.append(paused)
        self._resume_when_idle()

    def _resume_when_idle(self) -> None:
        found = snapshot(self.url)
        if self.paused == [True] and not found.of_state("RUNNING"):
            self.waited = found.budget - len(found.counted)
            _pause(self.url, ends=True)


def _pause(url: str, *, ends: bool = False) -> None:
    storage = open_storage(url)
    commands = StudyCommands(storage, load_study(storage, "tiny"))
    assert commands.resume() if ends else commands.pause()
    close_storage(storage)


def test_a_paused_study_waits_with_its_trials_and_goes_on(url: str, address: str) -> None:
    create(url, tiny(SEARCH, text=LONG.replace("epochs: 60", "epochs: 400")))
    told = Pauses(url=url)
    _run(url, address, told, workers=1)
    assert told.paused == [True, False]
    assert told.waited > 0
    invariants(url, budget=3)
