"""A network that does not fit is tried once more with its batches in two parts."""

import pytest
import torch
from torch import Tensor

from autoae.data.resident import Batch
from autoae.training.engines import Passed, TorchEngine
from autoae.training.errors import is_out_of_memory
from tests.faults.invariants import invariants
from tests.search.support import TINY, create, run, snapshot, tiny

SEARCH = "search: {method: random, pruner: none, trials: 2}\n"
TEXT = TINY.replace("epochs: 2", "epochs: 2, batch_size: 64")


def short_of_memory(monkeypatch: pytest.MonkeyPatch, images: int, error: Exception) -> None:
    """Let no more than so many images pass at a time."""
    whole = TorchEngine.gradients

    def gradients(
        engine: TorchEngine, batch: Batch, target: Tensor, puzzle: Tensor | None = None
    ) -> Passed:
        if len(batch.labels) > images:
            raise error
        return whole(engine, batch, target, puzzle)

    monkeypatch.setattr(TorchEngine, "gradients", gradients)


def test_it_is_tried_again_with_half_the_batch(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create(url, tiny(SEARCH, text=TEXT))
    short_of_memory(monkeypatch, 32, torch.OutOfMemoryError("CUDA out of memory"))
    run(url)
    found = invariants(url, budget=2)
    assert [trial.state for trial in found.trials] == ["FAIL", "COMPLETE"] * 2
    assert [trial.batch_parts for trial in found.trials] == [1, 2] * 2
    reason = "OutOfMemoryError: CUDA out of memory; tried again with half the batch"
    assert found.trials[0].reason == reason


def test_what_still_does_not_fit_has_failed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create(url, tiny(SEARCH, text=TEXT))
    no_room = "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"
    short_of_memory(monkeypatch, 8, RuntimeError(no_room))
    run(url)
    assert [trial.state for trial in snapshot(url).trials] == ["FAIL"] * 4
    assert len(snapshot(url).counted) == 2
    assert snapshot(url).trials[3].reason == f"RuntimeError: {no_room}"


@pytest.mark.parametrize(
    ("error", "memory"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), True),
        (RuntimeError("shapes differ"), False),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (OSError("no space"), False),
    ],
)
def test_other_errors_are_no_want_of_memory(error: Exception, memory: bool) -> None:
    assert is_out_of_memory(error) is memory
