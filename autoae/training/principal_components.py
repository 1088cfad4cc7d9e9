"""Principal component analysis of images, from their covariance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

MOST_NUMBERS = 4096
"""Numbers of an image up to which its principal components are computed: 0.1 GB, a minute."""


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """A linear code of images: the best one of its size by the squared error.

    Attributes:
        mean: Of the images that it was fitted to, (numbers,).
        directions: Orthonormal columns, the one of the largest variance last, (numbers, count).
            The largest number of each is positive, so that the same images give the same signs.
    """

    mean: Tensor
    directions: Tensor

    def scores(self, images: Tensor) -> Tensor:
        """The codes of images (N, numbers), as (N, count)."""
        return (images - self.mean) @ self.directions

    def reconstruct(self, images: Tensor) -> Tensor:
        """What is left of images (N, numbers) after going through the code."""
        return self.mean + self.scores(images) @ self.directions.T

    def largest(self, count: int) -> "PrincipalComponents":
        """The components of the largest variance, at most as many as there are."""
        return PrincipalComponents(self.mean, self.directions[:, -count:])

    def to(self, device: torch.device) -> "PrincipalComponents":
        """The same on a device."""
        return PrincipalComponents(self.mean.to(device), self.directions.to(device))


def principal_components(chunks: Callable[[], Iterable[Tensor]]) -> PrincipalComponents:
    """All components of images.

    Args:
        chunks: Gives all images, some at a time, (N, numbers) on the CPU; asked twice.

    Returns:
        As many as an image has numbers.
    """
    mean = mean_of(chunks())
    covariance = torch.zeros(len(mean), len(mean), dtype=torch.float64)
    for chunk in chunks():
        centred = chunk - mean
        covariance += (centred.T @ centred).double()
    vectors = torch.linalg.eigh(covariance)[1].float()
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    return PrincipalComponents(mean, vectors * largest.sign())


def mean_of(chunks: Iterable[Tensor]) -> Tensor:
    """The mean of images (N, numbers) that come some at a time, as (numbers,)."""
    total, count = torch.zeros((), dtype=torch.float64), 0
    for chunk in chunks:
        total = total + chunk.sum(0, dtype=torch.float64)
        count += len(chunk)
    return (total / count).float()
