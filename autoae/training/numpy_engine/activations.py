"""Activations and their slopes, number by number."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


class Activation(NamedTuple):
    """An activation.

    Attributes:
        value: From the weighted sums to the outputs, of the same shape.
        slope: The derivative, from the sums and the outputs; whichever makes it cheap is used.
    """

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


def _relu(sums: Array) -> Array:
    return np.maximum(sums, 0)


def _relu_slope(_: Array, outputs: Array) -> Array:
    return (outputs > 0).astype(outputs.dtype)


def _leaky(sums: Array, *, slope: float) -> Array:
    return np.where(sums > 0, sums, slope * sums)


def _leaky_slope(sums: Array, outputs: Array, *, slope: float) -> Array:
    return np.where(sums > 0, 1, slope).astype(outputs.dtype)


def _elu(sums: Array) -> Array:
    return np.where(sums > 0, sums, np.expm1(np.minimum(sums, 0)))


def _elu_slope(sums: Array, outputs: Array) -> Array:
    return np.where(sums > 0, 1, outputs + 1)


def _gelu(sums: Array) -> Array:
    """Hendrycks and Gimpel, 2016, with the exact distribution function."""
    return sums * _below(sums)


def _gelu_slope(sums: Array, _: Array) -> Array:
    density = np.exp(-(sums**2) / 2) / float(np.sqrt(2 * np.pi))
    return _below(sums) + sums * density


def _below(sums: Array) -> Array:
    """The distribution function of the standard normal."""
    # Imported where it is needed: a tenth of the time in which a worker is ready.
    from scipy.special import erf

    found: Array = (1 + erf(sums / float(np.sqrt(2)))) / 2
    return found


def _silu(sums: Array) -> Array:
    return sums * _sigmoid(sums)


def _silu_slope(sums: Array, outputs: Array) -> Array:
    share = _sigmoid(sums)
    return share + outputs * (1 - share)


def _tanh(sums: Array) -> Array:
    return np.tanh(sums)


def _tanh_slope(_: Array, outputs: Array) -> Array:
    return 1 - outputs**2


def _sigmoid(sums: Array) -> Array:
    from scipy.special import expit

    found: Array = expit(sums)
    return found


def _sigmoid_slope(_: Array, outputs: Array) -> Array:
    return outputs * (1 - outputs)


def _same(sums: Array) -> Array:
    return sums


def _one(_: Array, outputs: Array) -> Array:
    return np.ones_like(outputs)


ACTIVATIONS: dict[str, Callable[[float], Activation]] = {
    "relu": lambda _: Activation(_relu, _relu_slope),
    "leaky_relu": lambda slope: Activation(
        partial(_leaky, slope=slope), partial(_leaky_slope, slope=slope)
    ),
    "elu": lambda _: Activation(_elu, _elu_slope),
    "gelu": lambda _: Activation(_gelu, _gelu_slope),
    "silu": lambda _: Activation(_silu, _silu_slope),
    "tanh": lambda _: Activation(_tanh, _tanh_slope),
    "sigmoid": lambda _: Activation(_sigmoid, _sigmoid_slope),
}
"""Every activation by its name, made with the negative slope that leaky ones have."""

IDENTITY = Activation(_same, _one)
"""Of a layer without one."""
