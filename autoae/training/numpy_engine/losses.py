"""Losses, each with its gradient: means over the images of a batch, as the torch engine's."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoae.training.numpy_engine.activations import Array

Labels = NDArray[np.int64]

_LOWEST_LOGARITHM = -100.0
_SMALLEST_VARIANCE = 1e-12
"""As torch clamps: a wrong certainty costs 100, and its gradient stays finite."""


class Cost(NamedTuple):
    """What something costs.

    Attributes:
        value: The loss.
        gradient: Of the loss by what it was computed from, of that shape.
    """

    value: np.floating[Any]
    gradient: Array


def cross_entropy(logits: Array, labels: Labels) -> Cost:
    """Of the softmax of (N, classes) logits with (N,) labels."""
    logarithms = _log_softmax(logits)
    rows = np.arange(len(labels))
    gradient = np.exp(logarithms)
    gradient[rows, labels] -= 1
    return Cost(-logarithms[rows, labels].mean(), gradient / len(labels))


def squared_error(logits: Array, labels: Labels) -> Cost:
    """Between the softmax of (N, classes) logits and the one-hot labels, summed over classes.

    The score of Brier, 1950, and its true gradient, through the softmax.
    """
    shares = np.exp(_log_softmax(logits))
    errors = shares.copy()
    errors[np.arange(len(labels)), labels] -= 1
    by_share = 2 * errors / len(labels)
    gradient = shares * (by_share - (shares * by_share).sum(1, keepdims=True))
    return Cost((errors**2).sum(1).mean(), gradient)


def mean_squared_error(pictures: Array, target: Array) -> Cost:
    """Per pixel, of arrays of the same shape."""
    errors = pictures - target
    return Cost((errors**2).mean(), errors * (2 / errors.size))


def absolute_error(pictures: Array, target: Array) -> Cost:
    """Per pixel, of arrays of the same shape."""
    errors = pictures - target
    return Cost(np.abs(errors).mean(), np.sign(errors) / errors.size)


def binary_cross_entropy(pictures: Array, target: Array) -> Cost:
    """Per pixel, of arrays of the same shape and of values from 0 to 1."""
    right, wrong = _logarithm(pictures), _logarithm(1 - pictures)
    variance = np.maximum(pictures * (1 - pictures), _SMALLEST_VARIANCE)
    gradient = (pictures - target) / variance / pictures.size
    return Cost(-(target * right + (1 - target) * wrong).mean(), gradient)


TASKS: dict[str, Callable[[Array, Labels], Cost]] = {
    "cross_entropy": cross_entropy,
    "squared_error": squared_error,
}

RECONSTRUCTIONS: dict[str, Callable[[Array, Array], Cost]] = {
    "mse": mean_squared_error,
    "bce": binary_cross_entropy,
    "l1": absolute_error,
}


def _log_softmax(logits: Array) -> Array:
    shifted: Array = logits - logits.max(1, keepdims=True)
    found: Array = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return found


def _logarithm(shares: Array) -> Array:
    return np.maximum(np.log(shares), _LOWEST_LOGARITHM)
