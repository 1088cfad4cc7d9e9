"""Devices, costs after training, environment: facts of the machine."""

import json
import platform
import subprocess
import sys

import pytest
import torch

from autoae.spec.metrics import COSTS, KNOWN_BEFORE_TRAINING
from autoae.training import Training, TrainingError, device_of
from autoae.training.allocator import keep_freed_memory
from autoae.training.devices import denormals_flushed, is_lost
from autoae.training.environment import environment
from autoae.training.measure import PeakMemory, costs_after
from tests.training.toy import CPU, toy_configuration, toy_data, train


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_fastest_that_is_there(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device_of("auto") == torch.device(expected)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:3", "mps"])
def test_a_missing_device_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(TrainingError, match=name) as caught:
        device_of(name)
    assert caught.value.key == "training.device"
    assert caught.value.hint


def test_a_device_beyond_the_last_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device_of("cuda:1") == torch.device("cuda:1")
    with pytest.raises(TrainingError, match="finds 2 here"):
        device_of("cuda:2")


def test_a_device_is_lost_that_answers_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: torch.device) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    assert not is_lost(torch.device("cpu"))
    monkeypatch.setattr(torch.cuda, "synchronize", refuses)
    assert is_lost(torch.device("cuda"))


def test_denormal_numbers_count_again_after_training() -> None:
    with denormals_flushed(CPU):
        pass
    train(toy_configuration(), data=toy_data())
    assert sys.float_info.min / 2 > 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has `mallopt`")
def test_freed_memory_is_kept_under_glibc() -> None:
    assert keep_freed_memory()


@pytest.fixture(scope="module")
def training() -> Training:
    """A short training that is over."""
    return train(toy_configuration(training={"seed": 4}), data=toy_data())[0]


def test_costs_after_training_have_the_names_of_the_table(training: Training) -> None:
    found = costs_after(training.member(0), PeakMemory(CPU, ["toy"]), timed=True)
    assert set(found) == set(COSTS) - set(KNOWN_BEFORE_TRAINING)
    assert all(value > 0 for value in found.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets the peak back")
def test_the_peak_of_memory_is_of_the_time_since_it_was_asked_for() -> None:
    first = PeakMemory(CPU, ["much"])
    held = torch.ones(30_000_000)
    high = first.megabytes()
    del held
    later = PeakMemory(CPU, ["little"])
    assert high - later.megabytes() > 60


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory")
def test_what_needs_as_much_as_the_last_one_finds_its_memory() -> None:
    # In a process of its own, as a worker: here others have left memory in pieces.
    said = subprocess.run(
        [sys.executable, "-c", FAULTS], text=True, capture_output=True, check=True
    )
    first, second, third = map(int, said.stdout.split())
    assert second < first / 4
    assert third > first / 2


FAULTS = """
import resource
import torch
from autoae.training.allocator import keep_freed_memory
from autoae.training.measure import PeakMemory

def faults(need, numbers):
    PeakMemory(torch.device("cpu"), [need])
    start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(numbers)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - start)

keep_freed_memory()
# A little more at first: a block of the same size need not fit into the old one, for its alignment.
for need, numbers in (("one", 32_000_000), ("one", 30_000_000), ("other", 30_000_000)):
    faults(need, numbers)
"""
"""Counts the pages that the kernel has to give for 120 MB, three times."""


def test_the_environment_can_be_written_as_json(training: Training) -> None:
    found = json.loads(json.dumps(environment(training.member(0))))
    assert found["seed"] == 4
    assert found["device"] == "cpu"
    assert found["precision"] == "float32"
    assert found["packages"]["torch"]
    assert found["threads"] == torch.get_num_threads()
    assert found["git_commit"] is None or len(found["git_commit"].partition("-")[0]) == 40
