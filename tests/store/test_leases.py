"""Leases: a trial whose process may live is never taken for lost."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from autoae.store.leases import SILENCE_SECONDS, alive, is_lost, lease_from, own_lease
from autoae.store.workers import QUIET_SECONDS, workers_of
from tests.snapshots import study, trial

LEASE = own_lease(worker=1, pid=1)


def test_the_own_coordinator_lives() -> None:
    assert alive(LEASE) is True
    assert not is_lost(replace(LEASE, seen=0.0))


def test_an_ended_coordinator_does_not_even_before_its_parent_notices() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(child.pid).create_time()
    lease = replace(LEASE, coordinator_pid=child.pid, coordinator_started=started)
    assert alive(lease) is True
    child.kill()
    deadline = time.monotonic() + 20
    while not is_lost(lease) and time.monotonic() < deadline:
        pass  # The process is gone at once, but not within the call.
    assert is_lost(lease)
    child.communicate()
    assert alive(lease) is False


def test_a_recycled_process_number_is_no_sign_of_life() -> None:
    assert is_lost(replace(LEASE, coordinator_started=LEASE.coordinator_started - 60))


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_jumps_fails_no_living_trial_and_hides_no_lost_one(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lost = own_lease(0, 1)
    started = psutil.Process(child.pid).create_time()
    lease = replace(lost, coordinator_pid=child.pid, coordinator_started=started)
    _set_clock(monkeypatch, 3600.0 * hours)
    assert psutil.Process(child.pid).create_time() != started
    assert not is_lost(lease)
    child.communicate(b"\n")
    assert is_lost(lease)


@pytest.mark.parametrize("hours", [-5, 5])
def test_after_a_jump_a_recycled_process_number_is_no_sign_of_life(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = replace(LEASE, coordinator_started=LEASE.coordinator_started - 60)
    _set_clock(monkeypatch, 3600.0 * hours)
    assert is_lost(lease)


def _set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set the clock of the machine: where starts are counted from its start, all of them move."""
    now, booted, create_time = time.time, psutil.boot_time, psutil.Process.create_time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() + seconds)
    monkeypatch.setattr(psutil.Process, "create_time", lambda each: create_time(each) + seconds)


def test_on_another_machine_only_a_long_silence_counts() -> None:
    elsewhere = replace(LEASE, host="elsewhere", coordinator_pid=2**30)
    assert alive(elsewhere) is None
    assert not is_lost(elsewhere.refreshed())
    assert is_lost(replace(elsewhere, seen=time.time() - SILENCE_SECONDS - 1))


def test_a_container_of_the_same_name_is_another_machine() -> None:
    elsewhere = replace(LEASE, processes="pid:[1]", coordinator_pid=2**30)
    assert alive(elsewhere) is None
    assert not is_lost(elsewhere.refreshed())


def test_a_lease_survives_its_attribute() -> None:
    assert lease_from(LEASE.to_json()) == LEASE
    assert lease_from(None) is None
    assert lease_from({"worker": 1}) is None
    assert LEASE.refreshed().seen >= LEASE.seen


def test_a_lease_of_another_version_is_a_lease() -> None:
    more = {**LEASE.to_json(), "mood": "good"}
    assert lease_from(more) == LEASE
    named = ("device", "epoch", "epochs", "samples_per_second", "sampler_seed")
    fewer = {name: value for name, value in LEASE.to_json().items() if name not in named}
    assert lease_from(fewer) == LEASE


def test_workers_are_told_apart_by_their_signs_of_life() -> None:
    elsewhere = replace(LEASE, host="elsewhere", coordinator_pid=2**30, device="cuda:0", epochs=9)
    ages = {0: 0, 1: QUIET_SECONDS + 1, 2: SILENCE_SECONDS + 1}
    trials = [
        replace(
            trial(number),
            state="RUNNING",
            epochs=number,
            lease=replace(elsewhere, seen=time.time() - age, worker=9 - number, epoch=1),
        )
        for number, age in ages.items()
    ]
    found = workers_of(study([*trials, trial(3), replace(trial(4), state="RUNNING")]))
    assert [(each.trial, each.life, each.epoch) for each in found] == [
        (2, "presumed dead", 2),
        (1, "silent", 1),
        (0, "running", 1),
    ]
    assert {(each.host, each.device, each.epochs) for each in found} == {("elsewhere", "cuda:0", 9)}
    assert found[0].age >= SILENCE_SECONDS


def test_the_worker_of_a_cluster_is_named_by_its_node_and_judged_by_its_coordinator() -> None:
    lease = own_lease(3, os.getpid(), node="node-b")
    assert (lease.place, lease.host) == ("node-b/3", socket.gethostname())
    assert lease_from(lease.to_json()) == lease
    assert not is_lost(lease)
    assert own_lease(3, os.getpid()).place == f"{socket.gethostname()}/3"
