"""What can be had on the test images without a network: the figures to beat.

All are fitted to the training images alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import torch
from torch import Tensor

from autoae.data.images import ImageData, Split
from autoae.training.examination import Pair, picture_figures
from autoae.training.principal_components import (
    MOST_NUMBERS,
    PrincipalComponents,
    mean_of,
    principal_components,
)

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
        """The figures of always showing the mean of the training images, `bce` included."""
        return picture_figures(self._pairs(self._mean.expand_as), probable=True)

    def principal_components(self, count: int) -> dict[str, float] | None:
        """`mse`, `psnr` and `ssim` of the best linear code of so many numbers.

        Principal component analysis of the training images, from their covariance.

        Args:
            count: Numbers of a code; more than an image has are as many.

        Returns:
            None where the images are too large for it.
        """
        if prod(self.data.facts.shape) > MOST_NUMBERS:
            return None
        return picture_figures(self._pairs(self._components.largest(count).reconstruct))

    def _pairs(self, reconstruct: Callable[[Tensor], Tensor]) -> Iterator[Pair]:
        shape = self.data.facts.shape
        for images in _chunks(self.data.test):
            yield reconstruct(images).reshape(-1, *shape), images.reshape(-1, *shape)

    @cached_property
    def _mean(self) -> Tensor:
        """(numbers,)."""
        return mean_of(_chunks(self.data.train))

    @cached_property
    def _components(self) -> PrincipalComponents:
        return principal_components(lambda: _chunks(self.data.train))


def _chunks(split: Split) -> Iterator[Tensor]:
    """The images of a split as (N, numbers) in 0-1 units, some at a time."""
    for start in range(0, len(split), _CHUNK):
        rows = split.indices[start : start + _CHUNK]
        images = torch.from_numpy(np.ascontiguousarray(split.images[rows]))
        yield images.flatten(1).float() / 255
