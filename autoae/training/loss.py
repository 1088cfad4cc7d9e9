"""What is minimised: task, reconstruction, squared weights and jigsaw, each with its weight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional

from autoae.models import Output
from autoae.spec.config import Configuration
from autoae.training.cross_entropy import binary_cross_entropy
from autoae.training.errors import TrainingError
from autoae.training.tasks import Task, task_of

RECONSTRUCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": functional.mse_loss,
    "bce": binary_cross_entropy,
    "l1": functional.l1_loss,
}
"""Mean per pixel between a reconstruction and its target, both (N, C, H, W)."""


class Terms(NamedTuple):
    """The loss of one batch, 0-d tensors; a term of weight 0 is not computed."""

    total: Tensor
    task: Tensor | None
    reconstruction: Tensor | None
    penalty: Tensor | None
    jigsaw: Tensor | None = None

    def detached(self) -> "Terms":
        """The same numbers without the graph behind them."""
        parts = (None if term is None else term.detach() for term in self[1:])
        return Terms(self.total.detach(), *parts)


@dataclass(frozen=True)
class Loss:
    """The weights of the four terms and the kinds of the first two."""

    alpha: float
    beta: float
    gamma: float
    classification: str
    reconstruction: str
    task: Task | None = None
    softmax_twice: bool = False
    delta: float = 0.0

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """The loss that a configuration asks for.

        Raises:
            TrainingError: There is nothing to minimise, or bce without probabilities.
        """
        options = configuration.loss
        weights = configuration.alpha, configuration.beta, options.gamma
        kinds = options.task, options.reconstruction, task_of(configuration)
        loss = cls(*weights, *kinds, options.softmax_twice, options.delta)
        if not (loss.alpha or loss.beta or loss.gamma or loss.delta):
            raise TrainingError("every weight is 0, so there is nothing to minimise", key="loss")
        sigmoid = configuration.model.output == "sigmoid"
        if loss.compares and loss.reconstruction == "bce" and not sigmoid:
            raise TrainingError(
                "bce needs reconstructions between 0 and 1",
                hint="set model.output: sigmoid, or loss.reconstruction: mse",
                key="loss.reconstruction",
            )
        return loss

    @property
    def compares(self) -> bool:
        """Whether it looks at the target."""
        return self.beta > 0 or self.delta > 0

    def terms(
        self,
        output: Output,
        target: Tensor,
        labels: Tensor,
        weights: Sequence[Tensor],
        solved: Tensor | None = None,
    ) -> Terms:
        """The loss of one batch.

        Args:
            output: What the network gave, in float32.
            target: What it should have reconstructed, (N, C, H, W).
            labels: int64, (N,) or (N, classes), as the task takes them.
            weights: All trainable parameters.
            solved: What the network made of the same images in shuffled pieces; None unless
                delta weighs it.
        """
        task = self._task(output.logits, labels)
        reconstruction = self._compared(output.reconstruction, target) if self.beta else None
        penalty = half_squares(weights) if self.gamma else None
        jigsaw = self._compared(solved, target) if self.delta else None
        return self.weighed(task, reconstruction, penalty, jigsaw)

    def weighed(
        self,
        task: Tensor | None,
        reconstruction: Tensor | None,
        penalty: Tensor | None,
        jigsaw: Tensor | None = None,
    ) -> Terms:
        """The terms with their weighted sum; None where one has no weight."""
        terms = task, reconstruction, penalty, jigsaw
        pairs = zip((self.alpha, self.beta, self.gamma, self.delta), terms, strict=True)
        total = reduce(torch.add, [weight * term for weight, term in pairs if term is not None])
        return Terms(total, *terms)

    def _task(self, logits: Tensor | None, labels: Tensor) -> Tensor | None:
        if not self.alpha:
            return None
        assert logits is not None, "alpha without a head is refused when the study file is read"
        assert self.task is not None
        scores = logits.softmax(1) if self.softmax_twice else logits
        return self.task.loss(scores, labels)

    def _compared(self, images: Tensor | None, target: Tensor) -> Tensor:
        assert images is not None, "weights without a decoder are refused when the file is read"
        return RECONSTRUCTIONS[self.reconstruction](images, target)


def half_squares(weights: Sequence[Tensor]) -> Tensor:
    """Half the sum of the squares of all given weights, a 0-d tensor."""
    return torch.stack([weight.square().sum() for weight in weights]).sum() / 2
