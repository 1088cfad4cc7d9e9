"""What sends a batch forward and the gradient of its loss back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from torch import Tensor
from torch.nn import Parameter

from autoae.data.resident import Batch
from autoae.models import Network
from autoae.training.forward import forward, solve
from autoae.training.loss import Loss, Terms
from autoae.training.precision import Precision


class Passed(NamedTuple):
    """What a pass tells.

    Attributes:
        terms: The loss of the batch, without a graph behind it.
        logits: (N, classes), or None where the head has no weight in the loss.
    """

    terms: Terms
    logits: Tensor | None


class Engine(Protocol):
    """Passes batches through one network."""

    def gradients(self, batch: Batch, target: Tensor, puzzle: Tensor | None = None) -> Passed:
        """Leave the gradient of a batch's loss in the `grad` of each weight, in place of the last.

        A weight that has no part in the loss is left without one.

        Args:
            batch: Images and labels.
            target: What should be reconstructed, (N, C, H, W).
            puzzle: The images in shuffled pieces, of which it should be reconstructed as well.
        """


@dataclass(frozen=True)
class TorchEngine:
    """PyTorch and its automatic differentiation.

    Attributes:
        network: What is trained.
        loss: What is minimised.
        weights: Those that are trained.
        precision: Of the pass.
    """

    network: Network
    loss: Loss
    weights: Sequence[Parameter]
    precision: Precision

    def gradients(self, batch: Batch, target: Tensor, puzzle: Tensor | None = None) -> Passed:
        """See `Engine`."""
        parts = {"reconstruct": bool(self.loss.beta), "classify": bool(self.loss.alpha)}
        output = forward(self.network, batch.images, self.precision, **parts)
        solved = solve(self.network, puzzle, self.precision)
        terms = self.loss.terms(output, target, batch.labels, self.weights, solved)
        self.network.zero_grad()
        terms.total.backward()  # type: ignore[no-untyped-call]
        return Passed(terms.detached(), output.logits)
