"""What can be had on the test images without a network: the figures to beat.

All are fitted to the training images alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import torch
from torch import Tensor

from autoae.data.images import ImageData, Split
from autoae.training.examination import Pair, picture_figures

MOST_PIXELS = 4096
"""Numbers of an image up to which its principal components are computed: 0.1 GB, a minute."""

_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Baselines:
    """The baselines of one data set.

    Attributes:
        data: Training images to fit to, test images to be judged on.
    """

    data: ImageData

    def majority(self) -> float:
        """The accuracy of always naming the class that most training images have."""
        train, test = (split.labels[split.indices] for split in (self.data.train, self.data.test))
        return float((test == np.bincount(train).argmax()).mean())

    def mean_image(self) -> dict[str, float]:
        """`mse`, `psnr` and `ssim` of always showing the mean of the training images."""
        return self._figures(None)

    def principal_components(self, count: int) -> dict[str, float] | None:
        """`mse`, `psnr` and `ssim` of the best linear code of so many numbers.

        Principal component analysis of the training images, from their covariance.

        Args:
            count: Numbers of a code; more than an image has are as many.

        Returns:
            None where the images are too large for it.
        """
        if prod(self.data.facts.shape) > MOST_PIXELS:
            return None
        return self._figures(self._components[:, -count:])

    def _figures(self, components: Tensor | None) -> dict[str, float]:
        return picture_figures(self._pairs(components))

    def _pairs(self, components: Tensor | None) -> Iterator[Pair]:
        shape = self.data.facts.shape
        for images in _chunks(self.data.test):
            found = self._mean.expand_as(images)
            if components is not None:
                found = found + (images - self._mean) @ components @ components.T
            yield found.reshape(-1, *shape), images.reshape(-1, *shape)

    @cached_property
    def _mean(self) -> Tensor:
        """(numbers,)."""
        total = sum(chunk.sum(0, dtype=torch.float64) for chunk in _chunks(self.data.train))
        assert isinstance(total, Tensor)
        return (total / len(self.data.train)).float()

    @cached_property
    def _components(self) -> Tensor:
        """(numbers, numbers), a column each, the one of the largest variance last."""
        covariance = torch.zeros(len(self._mean), len(self._mean), dtype=torch.float64)
        for chunk in _chunks(self.data.train):
            centred = chunk - self._mean
            covariance += (centred.T @ centred).double()
        _, vectors = torch.linalg.eigh(covariance)
        found: Tensor = vectors.float()
        return found


def _chunks(split: Split) -> Iterator[Tensor]:
    """The images of a split as (N, numbers) in 0-1 units, some at a time."""
    for start in range(0, len(split), _CHUNK):
        rows = split.indices[start : start + _CHUNK]
        images = torch.from_numpy(np.ascontiguousarray(split.images[rows]))
        yield images.flatten(1).float() / 255
