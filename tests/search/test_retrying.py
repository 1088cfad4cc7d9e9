"""What is lost is queued again once, with the same parameters; what may live is left alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from optuna.trial import TrialState

from autoae.search.budget import Census
from autoae.search.ledger import Ledger
from autoae.search.observer import SilentObserver
from autoae.search.others import SILENT_LOOKS, Others
from autoae.search.retrying import COORDINATOR_ENDED, RETRIES, retry
from autoae.store.attributes import ATTEMPTS, LEASE, REFUSED, RESUMED, RETRIED_FROM
from autoae.store.leases import Lease, own_lease
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.search.support import Recorder, tiny

DEAD = replace(own_lease(0, 1), coordinator_pid=2**22 + 1)
ELSEWHERE = replace(DEAD, host="elsewhere")


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """Of a study without trials."""
    storage = open_storage(url)
    yield Ledger(storage, create_study(storage, tiny()))
    close_storage(storage)


def start(ledger: Ledger, lease: Lease) -> int:
    """A running trial with one parameter set."""
    trial = ledger.create(lease)
    trial.suggest_float("training.lr", 1e-3, 1e-1, log=True)
    return trial.number


def recover(ledger: Ledger) -> list[int]:
    """Look after the trials of others; gives the trials that are queued again."""
    before = {trial.number for trial in ledger.trials()}
    Others(ledger, SilentObserver()).look(())
    new = (trial for trial in ledger.trials() if trial.number not in before)
    return [trial.user_attrs[RETRIED_FROM] for trial in new]


@pytest.mark.parametrize("lease", [DEAD, own_lease(0, 1)])
def test_a_lost_trial_is_queued_again_with_its_parameters(ledger: Ledger, lease: Lease) -> None:
    number = start(ledger, lease)
    assert recover(ledger) == [number]
    lost, again = ledger.trials()
    assert (lost.state.name, lost.user_attrs["reason"]) == ("FAIL", COORDINATOR_ENDED)
    assert again.state.name == "WAITING"
    assert again.system_attrs["fixed_params"] == lost.params
    assert again.user_attrs[RETRIED_FROM] == number
    assert recover(ledger) == []


def test_a_trial_that_may_live_is_left_alone(ledger: Ledger) -> None:
    start(ledger, replace(ELSEWHERE, seen=0.0))
    ledger.study.ask()  # Of another program: it has no lease.
    assert recover(ledger) == []
    assert {trial.state.name for trial in ledger.trials()} == {"RUNNING"}


def test_on_another_machine_a_long_silence_decides_whatever_its_clock_says(ledger: Ledger) -> None:
    silent, living = (start(ledger, replace(ELSEWHERE, seen=0.0)) for _ in range(2))
    others = Others(ledger, Recorder())
    for look in range(SILENT_LOOKS + 1):
        assert {trial.state.name for trial in ledger.trials()} == {"RUNNING"}
        ledger.note(living, {LEASE: replace(ELSEWHERE, seen=float(look)).to_json()})
        others.look(())
    lost, alive, again = ledger.trials()
    assert (lost.number, lost.state.name, alive.state.name) == (silent, "FAIL", "RUNNING")
    assert (again.state.name, again.user_attrs[RETRIED_FROM]) == ("WAITING", silent)
    assert others.running


def test_what_trains_here_is_not_lost(ledger: Ledger) -> None:
    number = start(ledger, own_lease(0, 1))
    Others(ledger, SilentObserver()).look([number])
    assert [trial.state.name for trial in ledger.trials()] == ["RUNNING"]


def test_whoever_dies_while_repeating_does_not_repeat_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(ledger, DEAD)
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "fail", _die)
        with pytest.raises(KeyboardInterrupt):
            recover(ledger)
    assert [trial.state.name for trial in ledger.trials()] == ["RUNNING", "WAITING"]
    recover(ledger)
    assert [trial.state.name for trial in ledger.trials()] == ["FAIL", "WAITING"]


def lose(ledger: Ledger, number: int, *, resumed: int | None = None, leaving: bool = False) -> None:
    """Start a waiting trial and let its coordinator die."""
    assert ledger.claim(number, replace(DEAD, leaving=leaving)) is not None
    if resumed is not None:
        ledger.note(number, {RESUMED: resumed})


def test_what_kills_its_coordinator_each_time_is_not_asked_for_ever(ledger: Ledger) -> None:
    start(ledger, DEAD)
    for number in range(RETRIES + 1):
        assert recover(ledger) == ([number] if number < RETRIES else [])
        if number < RETRIES:
            lose(ledger, number + 1)
    reasons = [trial.user_attrs["reason"] for trial in ledger.trials()]
    assert reasons == [COORDINATOR_ENDED] * RETRIES + [f"{COORDINATOR_ENDED} (3 attempts)"]
    assert Census().used(ledger.trials()) == 1


def test_an_attempt_that_got_further_begins_the_count_anew(ledger: Ledger) -> None:
    start(ledger, DEAD)
    # Epochs that each attempt took over: what is lost before it says so got nowhere.
    for number, resumed in enumerate([5, 9, None, 9, 12], start=1):
        Others(ledger, SilentObserver(), retries=3).look(())
        lose(ledger, number, resumed=resumed)
    recover(ledger)
    attempts = [trial.user_attrs.get(ATTEMPTS) for trial in ledger.trials()]
    assert attempts == [None, 1, 1, 1, 2, 3, 1]


def test_a_trial_that_was_told_to_stop_is_not_blamed_for_the_end(ledger: Ledger) -> None:
    start(ledger, replace(DEAD, leaving=True))
    for number in range(5):
        assert recover(ledger) == [number]
        assert ledger.trials()[-1].user_attrs[ATTEMPTS] == 0
        lose(ledger, number + 1, leaving=True)


def test_it_is_told_what_becomes_of_what_was_lost(ledger: Ledger) -> None:
    start(ledger, DEAD)
    told = Recorder()
    Others(ledger, told, retries=1).look(())
    lose(ledger, 1)
    Others(ledger, told, retries=1).look(())
    assert told.messages == [
        "trial 0 was lost with the run that had it: queued again",
        "trial 1 was lost with the run that had it: failed after 2 attempts",
    ]


def test_a_trial_that_died_while_it_was_asked_keeps_its_queued_parameters(ledger: Ledger) -> None:
    ledger.queue({"training.lr": 0.01, "model.latent": 4}, {})
    claimed = ledger.claim(0, DEAD)
    assert claimed is not None
    claimed.suggest_float("training.lr", 1e-3, 1e-1, log=True)
    recover(ledger)
    again = ledger.trials()[1]
    assert again.system_attrs["fixed_params"] == {"training.lr": 0.01, "model.latent": 4}


def test_a_waiting_trial_goes_to_one_coordinator_only(ledger: Ledger) -> None:
    ledger.queue({}, {})
    assert ledger.claim(0, DEAD) is not None
    assert ledger.claim(0, DEAD) is None
    ledger.fail(0, "over")
    assert ledger.claim(0, DEAD) is None


def test_the_budget_counts_each_parameter_set_once(ledger: Ledger) -> None:
    kept = Census()

    def counts() -> tuple[int, int]:
        trials = ledger.trials()
        found = kept.used(trials), kept.left(5, trials)
        anew = Census()
        assert found == (anew.used(trials), anew.left(5, trials))
        assert kept.waiting(trials) == ledger.trials(TrialState.WAITING)
        return found

    first, second, third = (start(ledger, own_lease(0, 1)) for _ in range(3))
    assert counts() == (0, 2)
    ledger.complete(first, [0.5])
    ledger.note(second, {REFUSED: True})
    ledger.prune(second, "too large")
    retry(ledger, third, "worker killed", attempts=2)
    assert counts() == (1, 4)
    assert ledger.trials()[3].user_attrs[ATTEMPTS] == 2
    fourth = ledger.claim(3, own_lease(0, 1))
    assert fourth is not None
    assert counts() == (1, 3)
    ledger.fail(3, "worker killed again")
    assert counts() == (2, 3)


def test_a_trial_that_has_ended_is_never_changed(ledger: Ledger) -> None:
    number = start(ledger, own_lease(0, 1))
    ledger.complete(number, [0.5])
    ledger.note(number, {"notation": "late"})
    ledger.prune(number, "late")
    ledger.fail(number, "late")
    ledger.complete(number, [0.7])
    (trial,) = ledger.trials()
    assert (trial.value, trial.state.name) == (0.5, "COMPLETE")
    assert set(trial.user_attrs) == {"autoae.lease"}


def _die(ledger: Ledger, number: int, reason: str) -> None:
    raise KeyboardInterrupt
