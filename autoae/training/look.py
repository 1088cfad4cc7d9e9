"""What one pass over images leaves to see, gathered while their figures are computed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Self

import torch
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
        keep: How many latents are still to come.
        labels: (N,) or (N, classes), of each batch.
        seen: What `seen_of` gives, of each batch; of a whole stack, (members, ...).
    """

    keep: int
    labels: list[Tensor] = field(default_factory=list)
    seen: dict[str, list[Tensor]] = field(default_factory=dict)

    @classmethod
    def at(cls, network: Network) -> Self:
        """Nothing yet, with room for as many latents of this network as are kept."""
        return cls(max(1, min(LATENTS, LATENT_NUMBERS // prod(network.plan.latent))))

    def add(self, labels: Tensor, seen: Mapping[str, Tensor]) -> None:
        """Take note of one batch."""
        self.labels.append(labels)
        for name, values in seen.items():
            self.seen.setdefault(name, []).append(values)
        if "latents" in seen:
            self.keep -= seen["latents"].shape[-2]

    def of_each(self, members: int) -> "Iterator[Look]":
        """What each member of a stack saw, as a copy: one may keep it longer than another."""
        seen = {name: torch.cat(values, dim=1) for name, values in self.seen.items()}
        for place in range(members):
            own = {name: [values[place].clone()] for name, values in seen.items()}
            yield Look(self.keep, self.labels, own)


def seen_of(
    output: Output, errors: Tensor | None, task: Task | None, keep: int
) -> dict[str, Tensor]:
    """What is to be kept of one batch, beside its labels.

    Args:
        output: What the network gave.
        errors: `squared_errors` of its reconstructions, if it has any.
        task: That of its head, if it has one.
        keep: Latents that are still to come.

    Returns:
        `said`: the answers of the head, (N,) or (N, classes); `errors`, (N,); `latents`: flat, of
        the first images, (N, numbers); those that there are.
    """
    seen = {}
    if output.logits is not None and task is not None:
        seen["said"] = task.answer(output.logits)
    if errors is not None:
        seen["errors"] = errors
    if keep:
        # A copy, for a part of a batch would keep all of it in memory.
        seen["latents"] = output.latent[:keep].flatten(1).clone()
    return seen


def squared_errors(pictures: Tensor, truth: Tensor) -> Tensor:
    """The squared error per pixel of each image, (N,), of two batches (N, C, H, W)."""
    return functional.mse_loss(pictures, truth, reduction="none").mean(dim=(1, 2, 3))
