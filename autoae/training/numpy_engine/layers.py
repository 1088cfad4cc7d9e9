"""Linear layers one after another, forward and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autoae.training.numpy_engine.activations import Activation, Array


class Trace(NamedTuple):
    """What a layer must remember of its way forward, (N, units) each."""

    inputs: Array
    sums: Array
    outputs: Array


class Gradient(NamedTuple):
    """The gradient of the loss by a layer's weights, of their shapes."""

    weight: Array
    bias: Array


@dataclass(frozen=True, eq=False)
class Dense:
    """A linear layer and its activation.

    Attributes:
        weight: (outputs, inputs).
        bias: (outputs,).
        activation: Of its outputs.
    """

    weight: Array
    bias: Array
    activation: Activation

    def forward(self, inputs: Array) -> Trace:
        """Take (N, inputs)."""
        sums = inputs @ self.weight.T + self.bias
        return Trace(inputs, sums, self.activation.value(sums))

    def by_sums(self, trace: Trace, by_outputs: Array) -> Array:
        """The gradient by the weighted sums from the one by the outputs, both (N, outputs)."""
        return by_outputs * self.activation.slope(trace.sums, trace.outputs)


def forward(layers: Sequence[Dense], inputs: Array) -> list[Trace]:
    """Send (N, inputs) through all layers; gives what each of them remembers."""
    traces: list[Trace] = []
    for layer in layers:
        traces.append(layer.forward(traces[-1].outputs if traces else inputs))
    return traces


def backward(
    layers: Sequence[Dense], traces: Sequence[Trace], by_outputs: Array, *, to_inputs: bool
) -> tuple[list[Gradient], Array]:
    """Send the gradient by the last layer's outputs back through all layers: the chain rule.

    Args:
        layers: In the order of their way forward.
        traces: Of their way forward.
        by_outputs: (N, outputs).
        to_inputs: Whether the gradient by the inputs is wanted; without it the largest product
            of an encoder, by its pixels, is spared.

    Returns:
        The gradient of each layer, in their order, and that by the inputs, (N, inputs), or by
        the outputs of the first layer where it is not wanted.
    """
    gradients: list[Gradient] = []
    for place in reversed(range(len(layers))):
        layer, trace = layers[place], traces[place]
        by_sums = layer.by_sums(trace, by_outputs)
        gradients.append(Gradient(by_sums.T @ trace.inputs, by_sums.sum(0)))
        if place or to_inputs:
            by_outputs = by_sums @ layer.weight
    return gradients[::-1], by_outputs
