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

from autoae.data.images import ImageData, Integers, Split
from autoae.spec.config import Configuration
from autoae.training.batches import images_at_once
from autoae.training.examination import Pair, picture_figures
from autoae.training.principal_components import (
    MOST_NUMBERS,
    PrincipalComponents,
    mean_of,
    principal_components,
)
from autoae.training.tasks import task_of

_CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Baselines:
    """The baselines of one data set.

    Attributes:
        data: Training images to fit to, test images to be judged on.
    """

    data: ImageData

    def majority(self, configuration: Configuration) -> dict[str, float]:
        """What the most frequent answer of the training images comes to, by the task's name of it.

        Of a task with errors of a number, those of the mean of the training images as well.

        Args:
            configuration: Of a network that it is compared with; with a task.
        """
        task = task_of(configuration)
        assert task is not None
        train, test = (
            task.truth(torch.from_numpy(split.labels[split.indices])).numpy()
            for split in (self.data.train, self.data.test)
        )
        answers, counts = np.unique(train, axis=0, return_counts=True)
        same = test == answers[counts.argmax()]
        figures = {task.right: float((same if same.ndim == 1 else same.all(axis=1)).mean())}
        return figures | (
            _errors_of_mean(train, test) if configuration.model.task == "count" else {}
        )

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


def _errors_of_mean(train: Integers, test: Integers) -> dict[str, float]:
    error = test - train.mean()
    return {"count_mse": float((error**2).mean()), "count_mae": float(np.abs(error).mean())}


def _chunks(split: Split) -> Iterator[Tensor]:
    """The images of a split as (N, numbers) in 0-1 units, some at a time."""
    size = images_at_once(split.images.shape[1:], _CPU)
    for start in range(0, len(split), size):
        rows = split.indices[start : start + size]
        images = torch.from_numpy(np.ascontiguousarray(split.images[rows]))
        yield images.flatten(1).float() / 255
