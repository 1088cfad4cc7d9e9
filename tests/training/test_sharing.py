"""Processes that share the GPUs of a machine keep to their own part of it."""

from collections import Counter
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoae.training.memory import free_bytes
from autoae.training.sharing import CONTEXT, fraction, place_of, take_seat
from tests.training.toy import CPU

CUDA = torch.device("cuda")
GIB = 2**30


class Gpus:
    """What this process has asked of some GPUs of 80 GiB that there are not."""

    def __init__(self, devices: int, patch: pytest.MonkeyPatch) -> None:
        self.current, self.fractions = 0, dict[int, float]()
        self.free, self.reserved, self.allocated = 80 * GIB, 0, 0
        for name, stand_in in {
            "device_count": lambda: devices,
            "get_device_properties": lambda _: SimpleNamespace(total_memory=80 * GIB),
            "set_device": lambda index: setattr(self, "current", index),
            "current_device": lambda: self.current,
            "set_per_process_memory_fraction": lambda part, at: self.fractions.update({at: part}),
            "get_per_process_memory_fraction": lambda at: self.fractions[at or self.current],
            "mem_get_info": lambda _: (self.free, 80 * GIB),
            "memory_reserved": lambda _: self.reserved,
            "memory_allocated": lambda _: self.allocated,
        }.items():
            patch.setattr(torch.cuda, name, stand_in)


@given(devices=st.integers(1, 8), workers=st.integers(1, 24))
def test_workers_are_dealt_out_and_leave_room_for_each_other(devices: int, workers: int) -> None:
    taken, shares = Counter[int](), Counter[int]()
    with pytest.MonkeyPatch.context() as patch:
        for index in range(workers):
            gpus = Gpus(devices, patch)
            take_seat(CUDA, index, workers)
            taken[gpus.current] += 1
            shares[gpus.current] += round(80 * GIB * gpus.fractions[gpus.current] + CONTEXT)
            assert place_of(CUDA) == f"cuda:{gpus.current}"
    assert len(taken) == min(devices, workers)
    assert max(taken.values()) - min(taken.values()) <= 1
    for device, sharing in taken.items():
        # One alone has all of it.
        assert sharing == 1 or shares[device] <= 80 * GIB + sharing


def test_a_device_with_a_number_is_shared_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = Gpus(4, monkeypatch)
    take_seat(torch.device("cuda:2"), 1, 8)
    assert gpus.current == 2
    assert gpus.fractions == {2: fraction(80 * GIB, 8)}
    assert place_of(torch.device("cuda:2")) == "cuda:2"


def test_too_many_on_a_small_device_still_have_something() -> None:
    assert fraction(8 * GIB, 16) == 0.5 / 16


def test_a_cpu_is_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = Gpus(1, monkeypatch)
    take_seat(CPU, 0, 4)
    assert gpus.fractions == {}
    assert place_of(CPU) == "cpu"


def test_what_is_free_is_no_more_than_is_left_of_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = Gpus(1, monkeypatch)
    take_seat(CUDA, 0, 4)
    share = int(80 * GIB * fraction(80 * GIB, 4))
    # Nobody else has begun, so that nearly all of it is free.
    assert free_bytes(CUDA) == share
    gpus.reserved, gpus.allocated = 8 * GIB, 3 * GIB
    assert free_bytes(CUDA) == share - 3 * GIB
    # Somebody who knows of no shares has taken most of it.
    gpus.free = GIB
    assert free_bytes(CUDA) == GIB + 5 * GIB
    gpus.reserved = gpus.allocated = share + 1
    assert free_bytes(CUDA) == 0
