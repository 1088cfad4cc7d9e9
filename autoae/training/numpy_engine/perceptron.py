"""A network of linear layers: a body, and from its latent a decoder, a head, or both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from autoae.training.numpy_engine.activations import Array
from autoae.training.numpy_engine.layers import Dense, Gradient, Trace, backward, forward
from autoae.training.numpy_engine.losses import Cost


class Goal(NamedTuple):
    """What the latent, or the outputs of a decoder or head, are for.

    Attributes:
        weight: Of its term in the loss; at 0 its part is left out.
        cost: From the outputs to the term and its gradient.
    """

    weight: float
    cost: Callable[[Array], Cost]


def _nothing(outputs: Array) -> Cost:
    raise AssertionError(f"a goal without weight is not asked about {outputs.shape}")


NO_GOAL = Goal(0.0, _nothing)
"""Of outputs that nothing is asked of."""


class Passed(NamedTuple):
    """A batch that went forward and back.

    Attributes:
        task: The term of the head, or None where it has no weight.
        reconstruction: The term of the decoder, or None where it has no weight.
        encoding: The term of the latent itself, or None where it has no weight.
        logits: (N, classes), or None where the head has no weight.
        gradients: One for each layer of body, decoder and head, in this order; None for those
            of parts that were left out.
    """

    task: Cost | None
    reconstruction: Cost | None
    encoding: Cost | None
    logits: Array | None
    gradients: list[Gradient | None]


class _Branch(NamedTuple):
    """A decoder or head after its pass."""

    cost: Cost | None
    outputs: Array | None
    gradients: Sequence[Gradient | None]
    by_latent: Array | None


@dataclass(frozen=True)
class Perceptron:
    """The layers of a network.

    Attributes:
        body: From the image to the latent.
        decoder: From the latent to the reconstruction; may be empty.
        head: From the latent to the logits; may be empty.
    """

    body: tuple[Dense, ...]
    decoder: tuple[Dense, ...]
    head: tuple[Dense, ...]

    def pass_through(
        self, images: Array, *, encode: Goal, reconstruct: Goal, solve: Goal
    ) -> Passed:
        """Send (N, pixels) forward and the gradients of all goals back.

        Args:
            images: (N, pixels).
            encode: What the latent is for.
            reconstruct: What the outputs of the decoder are for.
            solve: What those of the head are for.
        """
        traces = forward(self.body, images)
        latent = traces[-1].outputs
        # The latent is the output of a branch without layers.
        encoded = _branch((), latent, encode)
        drawn = _branch(self.decoder, latent, reconstruct)
        solved = _branch(self.head, latent, solve)
        body = self._body(traces, [encoded, drawn, solved])
        gradients = [*body, *drawn.gradients, *solved.gradients]
        return Passed(solved.cost, drawn.cost, encoded.cost, solved.outputs, gradients)

    def _body(
        self, traces: Sequence[Trace], branches: Sequence[_Branch]
    ) -> Sequence[Gradient | None]:
        found = [each.by_latent for each in branches if each.by_latent is not None]
        if not found:
            return [None] * len(self.body)
        by_latent = reduce(np.add, found)
        return backward(self.body, traces, by_latent, to_inputs=False)[0]


def _branch(layers: Sequence[Dense], latent: Array, goal: Goal) -> _Branch:
    if not goal.weight:
        return _Branch(None, None, [None] * len(layers), None)
    traces: list[Trace] = forward(layers, latent)
    outputs = traces[-1].outputs if traces else latent
    cost = goal.cost(outputs)
    gradients, by_latent = backward(layers, traces, goal.weight * cost.gradient, to_inputs=True)
    return _Branch(cost, outputs, gradients, by_latent)
