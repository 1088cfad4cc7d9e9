"""Count the objects of each image, whatever they are."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autoae.spec.config import Configuration
from autoae.training.tasks.base import Compared, Task


def task(configuration: Configuration) -> Task:
    """The loss is what `model.count` says; errors are those of the number itself."""
    loss, estimate = _WAYS[configuration.model.count]

    def answer(outputs: Tensor) -> Tensor:
        return estimate(outputs).clamp(min=0).round().long()

    def errors(outputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
        error = estimate(outputs) - _number(labels)
        return {"count_mse": error.square(), "count_mae": error.abs()}

    return Task("count_accuracy", loss, answer, _number, errors)


def _number(labels: Tensor) -> Tensor:
    """(N, classes) to (N,)."""
    return labels.sum(1)


def _number_error(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.mse_loss(outputs[:, 0], _number(labels).to(outputs.dtype))


def _one_hot_error(outputs: Tensor, labels: Tensor) -> Tensor:
    """As nagarevanth/Multi-Objective-CNN does, the mean over all outputs."""
    one_hot = functional.one_hot(_number(labels), outputs.shape[1])
    return functional.mse_loss(outputs, one_hot.to(outputs.dtype))


def _class_error(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(outputs, _number(labels))


def _value(outputs: Tensor) -> Tensor:
    return outputs[:, 0]


def _highest(outputs: Tensor) -> Tensor:
    return outputs.argmax(1).to(torch.float32)


_WAYS: dict[str, tuple[Compared, Callable[[Tensor], Tensor]]] = {
    "regression": (_number_error, _value),
    "one-hot": (_one_hot_error, _highest),
    "classification": (_class_error, _highest),
}
"""The loss and the estimate of the number, (N,), of each way to count."""
