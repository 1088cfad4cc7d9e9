"""What one pass over images leaves to see, gathered while their figures are computed."""

from dataclasses import dataclass, field
from math import prod
from typing import Self

from torch import Tensor
from torch.nn import functional

from autoae.models import Network, Output
from autoae.training.tasks import Task

LATENTS = 1000
LATENT_NUMBERS = 4_000_000
"""At most so many numbers of latents are kept: 16 MB, which matters for large feature maps."""


@dataclass(eq=False)
class Look:
    """The labels, answers and errors of all images, and the latents of the first ones.

    All of it stays where the network is until it is asked for.

    Attributes:
        keep: How many latents.
        labels: (N,) or (N, classes), of each batch.
        said: The answers of a head, likewise.
        errors: `squared_errors` of the reconstructions, (N,), likewise.
        latents: (N, numbers), of the first batches.
    """

    keep: int
    labels: list[Tensor] = field(default_factory=list)
    said: list[Tensor] = field(default_factory=list)
    errors: list[Tensor] = field(default_factory=list)
    latents: list[Tensor] = field(default_factory=list)

    @classmethod
    def at(cls, network: Network) -> Self:
        """Nothing yet, with room for as many latents of this network as are kept."""
        return cls(max(1, min(LATENTS, LATENT_NUMBERS // prod(network.plan.latent))))

    def add(self, output: Output, labels: Tensor, errors: Tensor | None, task: Task | None) -> None:
        """Take note of one batch: what the network gave, and the error of each picture."""
        self.labels.append(labels)
        if output.logits is not None and task is not None:
            self.said.append(task.answer(output.logits))
        if errors is not None:
            self.errors.append(errors)
        if self.keep:
            # A copy, for a part of a batch would keep all of it in memory.
            self.latents.append(output.latent[: self.keep].flatten(1).clone())
            self.keep -= len(self.latents[-1])


def squared_errors(pictures: Tensor, truth: Tensor) -> Tensor:
    """The squared error per pixel of each image, (N,), of two batches (N, C, H, W)."""
    return functional.mse_loss(pictures, truth, reduction="none").mean(dim=(1, 2, 3))
