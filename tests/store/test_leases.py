"""Leases: a trial whose process may live is never taken for lost."""

import subprocess
import sys
import time
from dataclasses import replace

import psutil

from autoae.store.leases import SILENCE_SECONDS, alive, is_lost, lease_from, own_lease

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


def test_on_another_machine_only_a_long_silence_counts() -> None:
    elsewhere = replace(LEASE, host="elsewhere", coordinator_pid=2**30)
    assert alive(elsewhere) is None
    assert not is_lost(elsewhere.refreshed())
    assert is_lost(replace(elsewhere, seen=time.time() - SILENCE_SECONDS - 1))


def test_a_lease_survives_its_attribute() -> None:
    assert lease_from(LEASE.to_json()) == LEASE
    assert lease_from(None) is None
    assert lease_from({"worker": 1}) is None
    assert LEASE.refreshed().seen >= LEASE.seen
