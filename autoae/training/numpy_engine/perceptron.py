"""A network of linear layers: a body, and from its latent a decoder, a head, or both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autoae.training.numpy_engine.activations import Array
from autoae.training.numpy_engine.layers import Dense, Gradient, Trace, backward, forward
from autoae.training.numpy_engine.losses import Cost


class Goal(NamedTuple):
    """What the outputs of a decoder or head are for.

    Attributes:
        weight: Of its term in the loss; at 0 its part is left out.
        cost: From the outputs to the term and its gradient.
    """

    weight: float
    cost: Callable[[Array], Cost]


class Passed(NamedTuple):
    """A batch that went forward and back.

    Attributes:
        task: The term of the head, or None where it has no weight.
        reconstruction: The term of the decoder, or None where it has no weight.
        logits: (N, classes), or None where the head has no weight.
        gradients: One for each layer of body, decoder and head, in this order; None for those
            of parts that were left out.
    """

    task: Cost | None
    reconstruction: Cost | None
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

    def pass_through(self, images: Array, *, reconstruct: Goal, solve: Goal) -> Passed:
        """Send (N, pixels) forward and the gradients of both goals back."""
        traces = forward(self.body, images)
        latent = traces[-1].outputs
        drawn, solved = (
            _branch(self.decoder, latent, reconstruct),
            _branch(self.head, latent, solve),
        )
        body = self._body(traces, [drawn, solved])
        gradients = [*body, *drawn.gradients, *solved.gradients]
        return Passed(solved.cost, drawn.cost, solved.outputs, gradients)

    def _body(
        self, traces: Sequence[Trace], branches: Sequence[_Branch]
    ) -> Sequence[Gradient | None]:
        found = [each.by_latent for each in branches if each.by_latent is not None]
        if not found:
            return [None] * len(self.body)
        by_latent = found[0] if len(found) == 1 else np.add(*found)
        return backward(self.body, traces, by_latent, to_inputs=False)[0]


def _branch(layers: Sequence[Dense], latent: Array, goal: Goal) -> _Branch:
    if not goal.weight:
        return _Branch(None, None, [None] * len(layers), None)
    traces: list[Trace] = forward(layers, latent)
    outputs = traces[-1].outputs
    cost = goal.cost(outputs)
    gradients, by_latent = backward(layers, traces, goal.weight * cost.gradient, to_inputs=True)
    return _Branch(cost, outputs, gradients, by_latent)
