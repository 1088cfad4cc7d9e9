"""Replayed steps are those of the stack, or are given up with a note."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from autoae.data.resident import Batch
from autoae.training.stacks.replay import Figures, Record, Replay, cuda_graph, record_for
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
from tests.training.toy import CPU, Section, toy_configuration, toy_data


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


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_replay_that_does_nothing_is_noticed_whatever_the_learning_rate(optimizer: str) -> None:
    data = exact_data(train=32, validation=20)
    slow = {"optimizer": optimizer, "lr": 1e-6}
    configurations = [toy_configuration(training={**slow, "seed": seed}) for seed in (1, 2)]
    training = created(configurations, data, stacked=True)
    training.stacks = Stacks(2, forgetful)
    next(epochs(training, data))
    (note,) = training.stacks.notes
    assert note.endswith("it finds other weights than the step itself")


@pytest.mark.parametrize(("share", "replayed"), [(0.01, True), (0.2, False)])
def test_few_steps_in_the_other_direction_are_rounding_and_many_are_not(
    share: float, replayed: bool
) -> None:
    """Before batch normalisation gradients are rounding alone, and Adam steps by their sign."""
    weights = torch.zeros(4, 100, dtype=torch.float64)
    turned = torch.arange(400).view(4, 100) % round(1 / share) == 0

    def step() -> Figures:
        weights.add_(0.01)
        return {"total": torch.ones(4)}

    def record(_: Callable[[], Figures]) -> Callable[[], Figures]:
        def again() -> Figures:
            weights.add_(torch.where(turned, -0.01, 0.01))
            return {"total": torch.ones(4)}

        return again

    replay = Replay(step, {"weights": weights}, record, [])
    replay()
    assert replay.failed is not replayed


@pytest.mark.parametrize("count", [1, 3])
def test_without_memory_for_a_graph_steps_are_made_one_by_one(count: int) -> None:
    def record(_: Callable[[], Figures]) -> Callable[[], Figures]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    data = exact_data(train=40, validation=20)
    configurations = members()[:count]
    alone, replayed = (created(configurations, data, stacked=way) for way in (False, True))
    replayed.stacks = Stacks(count, record)
    for found, expected in zip(epochs(replayed, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(replayed, alone)
    assert replayed.stacks.notes == ["no memory to replay steps as a CUDA graph"]


class Streams:
    """Enough of `torch.cuda` to see on which stream what is done."""

    def __init__(self, patch: pytest.MonkeyPatch, *, captures: bool) -> None:
        self.current, self.made, self.captures = "default", 0, captures
        self.done = list[tuple[str, str]]()
        for name, stand_in in {
            "device": lambda _: nullcontext(),
            "current_stream": lambda: Stream(self, self.current),
            "Stream": self._stream,
            "stream": self._within,
            "CUDAGraph": lambda: SimpleNamespace(replay=lambda: self._note("replay")),
            "graph": self._capturing,
        }.items():
            patch.setattr(torch.cuda, name, stand_in)

    def step(self) -> Figures:
        self._note("step")
        return {}

    def _note(self, what: str) -> None:
        self.done.append((what, self.current))

    def _stream(self) -> "Stream":
        self.made += 1
        return Stream(self, f"aside {self.made}")

    @contextmanager
    def _within(self, stream: "Stream") -> Iterator[None]:
        before, self.current = self.current, stream.name
        try:
            yield
        finally:
            self.current = before

    @contextmanager
    def _capturing(self, _graph: object, stream: "Stream") -> Iterator[None]:
        self.current = stream.name
        self._note("capture")
        yield
        if not self.captures:
            raise RuntimeError("operation failed due to a previous error during capture")


@dataclass(frozen=True)
class Stream:
    streams: Streams
    name: str

    def wait_stream(self, other: "Stream") -> None:
        self.streams.done.append((f"wait for {other.name}", self.name))


def test_a_graph_is_warmed_up_and_captured_on_a_stream_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    streams = Streams(monkeypatch, captures=True)
    replays = [cuda_graph(torch.device("cuda"), streams.step) for _ in range(2)]
    for number in (1, 2):
        name, done = f"aside {number}", streams.done[(number - 1) * 7 : number * 7]
        assert done == [
            ("wait for default", name),
            *[("step", name)] * 3,
            (f"wait for {name}", "default"),
            ("capture", name),
            ("step", name),
        ]
    replays[0]()
    assert streams.done[-1] == ("replay", "default")


def test_a_capture_that_fails_leaves_the_stream_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = Streams(monkeypatch, captures=False)
    with pytest.raises(RuntimeError, match="previous error"):
        cuda_graph(torch.device("cuda"), streams.step)
    assert streams.current == "default"


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
    decay = rates.weight_decay
    optimizer.rates = Rates(
        empty(rates.lr), empty(rates.momentum), None if decay is None else empty(decay)
    )


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
