"""What a trained network is worth on the test images."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from autoae.data.images import Facts
from autoae.data.resident import ResidentData
from autoae.models import Network
from autoae.spec.config import Configuration
from autoae.training.artifacts import Answers
from autoae.training.batches import images_at_once
from autoae.training.evaluation import add_cross_entropy, signal_to_noise
from autoae.training.forward import forward
from autoae.training.similarity import structural_similarity
from autoae.training.sums import Sums
from autoae.training.target import pictures_of
from autoae.training.tasks import Task, task_of

Pair = tuple[Tensor, Tensor]
"""Pictures and the true images, (N, C, H, W) each, in 0-1 units."""


@dataclass(frozen=True)
class Examination:
    """The figures of one network on the test images.

    Attributes:
        pictures: `mse`, `psnr` (dB) and `ssim`, and of a sigmoid `bce` and `bce_excess`; none
            without a decoder.
        answers: Those of the task, such as `accuracy`; none without a head.
        confusion: Counts of (true class, predicted class), or of numbers of objects; None without
            a head, and where it answers for each class of an image.
        right_by_class: Then the share of images where it is right, a class each; else None.
    """

    pictures: dict[str, float]
    answers: dict[str, float]
    confusion: NDArray[np.int64] | None = None
    right_by_class: NDArray[np.float64] | None = None


@torch.inference_mode()
def examine(network: Network, configuration: Configuration, data: ResidentData) -> Examination:
    """Look at every test image once, in float32.

    Args:
        network: On the device of the data; left in evaluation mode.
        configuration: Of its training.
        data: With at least one test image.
    """
    network.eval()
    probable = configuration.model.output == "sigmoid"
    sums, outputs, labels = _PictureSums(probable), list[Tensor](), list[Tensor]()
    for batch in data.test_batches(images_at_once(data.facts.shape, data.device)):
        output = forward(network, batch.images, "float32")
        if output.reconstruction is not None:
            pictures = pictures_of(output.reconstruction, configuration, data)
            sums.add(pictures, data.to_unit(batch.images))
        if output.logits is not None:
            outputs.append(output.logits)
            labels.append(batch.labels)
    task = task_of(configuration)
    if task is None or not outputs:
        return Examination(sums.figures(), {})
    return _answered(sums.figures(), task, torch.cat(labels), torch.cat(outputs), data.facts)


def _answered(
    pictures: dict[str, float], task: Task, labels: Tensor, outputs: Tensor, facts: Facts
) -> Examination:
    found = Answers.of(task, labels, task.answer(outputs))
    figures = {
        name: total.item() / len(labels) for name, total in task.figures(outputs, labels).items()
    }
    return Examination(pictures, figures, found.confusion(facts), found.right_by_class())


@torch.inference_mode()
def picture_figures(pairs: Iterable[Pair], *, probable: bool = False) -> dict[str, float]:
    """`mse`, `psnr` (dB, of that error) and `ssim`, means over all images.

    Args:
        pairs: All images, some at a time.
        probable: Whether the pictures are sure to be between 0 and 1: these have `bce` and
            `bce_excess` as well.
    """
    sums = _PictureSums(probable)
    for pictures, truth in pairs:
        sums.add(pictures, truth)
    return sums.figures()


class _PictureSums:
    def __init__(self, probable: bool) -> None:
        self._sums, self._count, self._probable = Sums(), 0, probable

    def add(self, pictures: Tensor, truth: Tensor) -> None:
        size = len(truth)
        self._sums.add("mse", functional.mse_loss(pictures, truth), size)
        self._sums.add("ssim", structural_similarity(pictures, truth).mean(), size)
        if self._probable:
            # De-normalised pixels may leave 0-1 by a rounding error, for which bce has no value.
            add_cross_entropy(self._sums, pictures, truth.clamp(0.0, 1.0))
        self._count += size

    def figures(self) -> dict[str, float]:
        means = {name: total / self._count for name, total in self._sums.read().items()}
        return means | ({"psnr": signal_to_noise(means["mse"])} if means else {})
