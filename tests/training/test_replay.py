"""Replayed steps are those of the stack, or are given up with a note."""

from collections.abc import Callable

import pytest
import torch

from autoae.training.stacks.replay import Figures, Record, record_for
from autoae.training.stacks.stacks import Stacks
from tests.training.exact import (
    CONV,
    NORMED,
    assert_same_members,
    created,
    epochs,
    exact_data,
    members,
)
from tests.training.toy import CPU, Section


def faithful(step: Callable[[], Figures]) -> Callable[[], Figures]:
    """What a graph does: the same on the same tensors, with its figures in one place."""
    figures = step()

    def replayed() -> Figures:
        for name, value in step().items():
            figures[name].copy_(value)
        return figures

    return replayed


def refusing(step: Callable[[], Figures]) -> Callable[[], Figures]:
    step()
    raise RuntimeError("operation not permitted when stream is capturing\nmore")


def forgetful(step: Callable[[], Figures]) -> Callable[[], Figures]:
    """Gives the right figures and moves no weight."""
    figures = step()
    return lambda: figures


RECORDS: dict[str, tuple[Record, list[str]]] = {
    "faithful": (faithful, []),
    "refusing": (refusing, ["operation not permitted when stream is capturing"]),
    "forgetful": (forgetful, ["it finds other weights than the step itself"]),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", RECORDS)
def test_replayed_steps_are_those_of_the_stack_or_are_given_up(name: str, count: int) -> None:
    record, reasons = RECORDS[name]
    # 40 images in batches of 16: the last one does not fit the graph.
    data = exact_data(train=40, validation=20)
    model: Section = {**CONV, "batch_norm": True}
    configurations = members(model=model, training=NORMED)[:count]
    alone, replayed = (created(configurations, data, stacked=way) for way in (False, True))
    replayed.stacks = Stacks(count, record)
    for found, expected in zip(epochs(replayed, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(replayed, alone)
    told = [f"steps are not replayed as a CUDA graph: {reason}" for reason in reasons]
    assert replayed.stacks.notes == told


def test_a_graph_is_made_for_cuda_alone() -> None:
    assert record_for(CPU) is None
    assert record_for(torch.device("cuda:1")) is not None
