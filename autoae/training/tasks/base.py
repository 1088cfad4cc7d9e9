"""What every task is: a loss, an answer, and how answers are judged."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

Compared = Callable[[Tensor, Tensor], Tensor]
"""Of the outputs of a head, (N, outputs), and the labels, (N,) or (N, classes)."""


def no_errors(_outputs: Tensor, _labels: Tensor) -> dict[str, Tensor]:
    """A task without figures beside the share of right answers."""
    return {}


@dataclass(frozen=True)
class Task:
    """One task of a head.

    Attributes:
        right: The name of the share of images answered right, without `val_` or `test_`.
        loss: Mean over the images, a 0-d tensor.
        answer: From outputs to whole numbers: (N,), or (N, classes) where each class has one.
        truth: From labels to the right answers, in the same shape.
        errors: Further figures by name, each (N,).
    """

    right: str
    loss: Compared
    answer: Callable[[Tensor], Tensor]
    truth: Callable[[Tensor], Tensor]
    errors: Callable[[Tensor, Tensor], dict[str, Tensor]] = no_errors

    def right_answers(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """How many images are answered right, whole images only, as a 0-d float tensor."""
        same = self.answer(outputs) == self.truth(labels)
        whole = same if same.ndim == 1 else same.all(dim=1)
        return whole.sum(dtype=outputs.dtype)

    def figures(self, outputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Sums over the images of every figure by name, 0-d float tensors."""
        errors = {name: each.sum() for name, each in self.errors(outputs, labels).items()}
        return {self.right: self.right_answers(outputs, labels), **errors}
