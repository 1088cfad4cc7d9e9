"""Name the one class of each image."""

from torch import Tensor
from torch.nn import functional

from autoae.spec.config import Configuration
from autoae.training.tasks.base import Compared, Task


def task(configuration: Configuration) -> Task:
    """The loss is what `loss.task` says; the answer is the highest logit."""
    return Task("accuracy", CLASSIFICATIONS[configuration.loss.task], _highest, _label)


def squared_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Between the softmax of logits and the one-hot labels, summed over classes: 0 to 2.

    The mean over a batch of the score of Brier, 1950, Verification of Forecasts Expressed in Terms
    of Probability.

    Args:
        logits: (N, classes).
        labels: int64, (N,).
    """
    errors = logits.softmax(1) - functional.one_hot(labels, logits.shape[1])
    return errors.square().sum(1).mean()


CLASSIFICATIONS: dict[str, Compared] = {
    "cross_entropy": functional.cross_entropy,
    "squared_error": squared_error,
}
"""Mean per image of (N, classes) logits with (N,) labels."""


def _highest(logits: Tensor) -> Tensor:
    return logits.argmax(1)


def _label(labels: Tensor) -> Tensor:
    return labels
