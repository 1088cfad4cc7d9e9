"""A training step recorded once and replayed: one launch for the hundreds that it is made of.

A GPU computes the step of a small network sooner than a CPU can launch its operations one by one.
A CUDA graph keeps them with the addresses of their tensors, so shapes and places have to stay.
"""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from autoae.training.errors import first_line, is_out_of_memory

Figures = dict[str, Tensor]
Step = Callable[..., Figures]
"""Takes tensors, changes a state in place, and gives figures."""
Record = Callable[[Callable[[], Figures]], Callable[[], Figures]]
"""Makes of a step on fixed tensors one that does the same again, with its figures in one place."""

_WARM_UP = 3
"""Steps before a capture, in which libraries choose their algorithms and take their memory."""
_RELATIVE, _ABSOLUTE = 1e-2, 1e-4
"""Between the figures of a replay and those of the same step made anew: sums of bfloat16, and
those that a GPU makes in any order, differ a little."""
_OF_CHANGE = 0.1
"""Between the numbers of a state after both: a part of what the step has changed of each."""
_FEW = 0.05
"""The share of numbers that may differ by more: where a gradient is nothing but rounding, as
before batch normalisation, Adam takes a whole step all the same, in either direction."""


class Replay:
    """Replays a step where the shapes are those of its first call, else makes it anew.

    The first replay is compared with the step itself. Where it cannot be recorded, or finds
    something else, every step is made anew, and a note says why.

    Args:
        step: What is recorded.
        state: All tensors that the step changes, by name.
        record: Records it on the device of the state.
        notes: Where a failure is told.
    """

    def __init__(
        self, step: Step, state: Mapping[str, Tensor], record: Record, notes: list[str]
    ) -> None:
        self._step, self._state, self._record, self._notes = step, state, record, notes
        self._inputs: tuple[Tensor, ...] | None = None
        self._replayed: Callable[[], Figures] | None = None

    @property
    def failed(self) -> bool:
        """Whether it was tried and nothing is replayed."""
        return self._inputs is not None and self._replayed is None

    def __call__(self, *inputs: Tensor) -> Figures:
        """One step; its figures are to be used before the next one."""
        if self._inputs is None:
            self._begin(inputs)
        if self._replayed is None or not self._fits(inputs):
            return self._step(*inputs)
        self._take(inputs)
        return self._replayed()

    def _begin(self, inputs: tuple[Tensor, ...]) -> None:
        self._inputs = tuple(each.clone() for each in inputs)
        before = {name: each.detach().clone() for name, each in self._state.items()}
        try:
            replayed = self._record(self._fixed)
            self._check(replayed, before)
            self._replayed = replayed
        except (RuntimeError, AssertionError) as error:
            if is_out_of_memory(error):
                raise
            self._notes.append(f"steps are not replayed as a CUDA graph: {first_line(error)}")
        finally:
            self._put(before)

    def _fixed(self) -> Figures:
        """The step on tensors that stay in their place."""
        assert self._inputs is not None
        return self._step(*self._inputs)

    def _check(self, replayed: Callable[[], Figures], before: Figures) -> None:
        """Raise an AssertionError where a replay does something else than the step itself."""
        self._put(before)
        figures = {name: each.clone() for name, each in self._fixed().items()}
        state = {name: each.detach().clone() for name, each in self._state.items()}
        self._put(before)
        _check_figures(replayed(), figures)
        for name, each in self._state.items():
            if not _moved_alike(each.detach(), state[name], before[name]):
                raise AssertionError(f"it finds other {name} than the step itself")

    def _fits(self, inputs: tuple[Tensor, ...]) -> bool:
        assert self._inputs is not None
        pairs = zip(inputs, self._inputs, strict=True)
        return all(given.shape == fixed.shape for given, fixed in pairs)

    def _take(self, inputs: tuple[Tensor, ...]) -> None:
        assert self._inputs is not None
        for fixed, given in zip(self._inputs, inputs, strict=True):
            fixed.copy_(given)

    @torch.no_grad()
    def _put(self, values: Figures) -> None:
        for name, each in self._state.items():
            each.copy_(values[name])


def cuda_graph(device: torch.device, step: Callable[[], Figures]) -> Callable[[], Figures]:
    """Record a step as a CUDA graph, after some steps on the same stream, as torch demands.

    Each graph has a stream of its own. Those of one stream share the workspaces of cuBLAS, and
    torch frees these with the first graph that goes (pytorch/pytorch#193402).

    Args:
        device: Where its tensors are: capture and replay are of streams of that device.
        step: Waits for nothing.

    Raises:
        RuntimeError: Something in the step waits for the device, or cannot be recorded.
    """
    with torch.cuda.device(device):
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(here)
        # A capture that fails leaves its stream the current one: here that is taken back.
        with torch.cuda.stream(aside):
            try:
                for _ in range(_WARM_UP):
                    step()
            finally:
                here.wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=aside):
                figures = step()

    def replayed() -> Figures:
        with torch.cuda.device(device):
            graph.replay()
        return figures

    return replayed


def record_for(device: torch.device) -> Record | None:
    """What records steps on a device; None where they are made anew each time."""
    return partial(cuda_graph, device) if device.type == "cuda" else None


def _check_figures(found: Figures, expected: Figures) -> None:
    for name, value in expected.items():
        torch.testing.assert_close(
            found[name],
            value,
            rtol=_RELATIVE,
            atol=_ABSOLUTE,
            equal_nan=True,
            msg=f"it finds other {name} than the step itself",
        )


def _moved_alike(found: Tensor, expected: Tensor, before: Tensor) -> bool:
    """Whether nearly all numbers went where the step itself takes them.

    Their own change is the measure: with a small learning rate a step that does nothing is close to
    one that does something.
    """
    rounding = torch.finfo(found.dtype).eps if found.is_floating_point() else 0.0
    allowed = _OF_CHANGE * (expected - before).abs() + rounding * expected.abs()
    same = (found == expected) | (found.isnan() & expected.isnan())
    alike = same | ((found - expected).abs() <= allowed)
    return bool(alike.double().mean() >= 1 - _FEW)
