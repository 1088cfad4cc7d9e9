"""Replayed steps are those of the stack, or are given up with a note."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from autoae.data.resident import Batch
from autoae.training.stacks.replay import Figures, Record, record_for
from autoae.training.stacks.rules import RULES, Rates
from autoae.training.stacks.stack import Stack
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
from tests.training.toy import CPU, Section, toy_data


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


MODELS: list[dict[str, Section]] = [
    {},
    {"model": CONV, "loss": {"reconstruction": "bce", "gamma": 0.1}},
    {"model": {**CONV, "batch_norm": True, "up": "nearest"}, "loss": {"task": "squared_error"}},
    {"model": {"encoder": "R(4,m2) > R(6)"}, "loss": {"reconstruction": "l1"}},
]


def without_numbers(stack: Stack, device: str) -> None:
    """Leave shapes and a device of the tensors of a stack, within a `FakeTensorMode`."""

    def empty(tensor: Tensor) -> Tensor:
        return torch.empty(tensor.shape, dtype=tensor.dtype, device=device)

    optimizer, rates = stack.optimizer, stack.optimizer.rates
    stack.weights = optimizer._weights = empty(stack.weights).requires_grad_()
    stack.buffers = {name: empty(each) for name, each in stack.buffers.items()}
    stack._of_terms = {name: empty(each) for name, each in stack._of_terms.items()}
    optimizer.memory = {name: empty(each) for name, each in optimizer.memory.items()}
    optimizer.rates = Rates(*map(empty, (rates.lr, rates.momentum, rates.weight_decay)))


@pytest.mark.parametrize(
    ("sections", "optimizer", "count", "device"),
    [
        *((each, "adam", 3, device) for each in MODELS for device in ("cuda", "cpu")),
        (MODELS[1], "adam", 1, "cuda"),
        *(({}, each, 2, "cuda") for each in sorted(RULES)),
    ],
)
def test_a_step_needs_no_number_and_no_other_device(
    sections: dict[str, Section], optimizer: str, count: int, device: str
) -> None:
    """Either would keep it from being captured; with fake tensors that shows without a GPU.

    torch sends no gradients back on a GPU that there is not, so that way is gone on the CPU alone.
    """
    configurations = members(**{**sections, "training": {"optimizer": optimizer}})[:count]
    training = created(configurations, toy_data(), stacked=True)
    stack = Stack(training.members)
    with FakeTensorMode():
        without_numbers(stack, device)
        images = torch.rand(count, 8, 1, 8, 8, device=device, dtype=torch.float64)
        labels = torch.zeros(count, 8, dtype=torch.long, device=device)
        if device == "cpu":
            figures = stack.step(images, labels, images)
        else:
            ways = stack._together if count > 1 else stack._alone
            figures = ways(Batch(images, labels), images)
            with torch.no_grad():
                stack.optimizer.step(torch.empty_like(stack.weights))
    assert {tuple(each.shape) for each in figures.values()} == {(count,)}
    assert {each.device.type for each in figures.values()} == {device}
