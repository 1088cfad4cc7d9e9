"""What there is to see of a trained network, as arrays: views draw it, nothing here does."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoae.data.images import Facts, groups_of
from autoae.data.resident import Batch, ResidentData
from autoae.models import Network
from autoae.spec.config import Configuration
from autoae.training.evaluation import EVALUATION_BATCH
from autoae.training.feature_maps import feature_maps
from autoae.training.forward import forward
from autoae.training.precision import Precision
from autoae.training.target import pictures_of
from autoae.training.tasks import Task, task_of

PICTURES = 10
LATENTS = 1000
LATENT_NUMBERS = 4_000_000
"""At most so many numbers of latents are kept: 16 MB, which matters for large feature maps."""

Array = NDArray[np.generic]


@torch.inference_mode()
def arrays(
    network: Network, configuration: Configuration, data: ResidentData, precision: Precision
) -> dict[str, Array]:
    """Pictures, confusion counts and a sample of latents, of the validation images.

    Without validation images they are of a batch of training images, and there are no confusion
    counts: those of images that were learned would mislead.

    Returns:
        With K pictures, one of each class first, and L latents:
        `originals` and, with a decoder, `reconstructions`: uint8, (K, C, H, W);
        `picture_labels`: int64, (K,);
        `features_1` and so on: of the first pictures, see `feature_maps`;
        `latent`: float32, (L, numbers), flat, and `latent_labels`: int64, (L,);
        with a head `confusion`: int64, (classes, classes), true class by predicted one, or true
        number of objects by predicted one; where a head answers for each class of an image,
        `right_by_class` instead: float64, (classes,), the share of images where it is right.
        Where images hold several objects, `_labels` are how many;
        with a decoder `errors`: float32, (validation images,), the squared error per pixel of
        each on 0-1 images.
    """
    network.eval()
    task = task_of(configuration)
    looked = _look(network, configuration, data, precision, task)
    groups, latents = groups_of(looked.labels), looked.latents
    found: dict[str, Array] = {"latent": latents, "latent_labels": groups[: len(latents)]}
    found |= _pictures(network, configuration, data, precision, _one_of_each(groups))
    if looked.answers is not None and data.validation_size:
        found |= looked.answers.arrays(data.facts)
    if looked.errors is not None and data.validation_size:
        found["errors"] = looked.errors
    return found


@dataclass(frozen=True)
class Answers:
    """What a head said of many images, and what is true of them.

    Attributes:
        truth: int64, (N,), or (N, classes) where each class has an answer of its own.
        said: The same shape.
    """

    truth: NDArray[np.int64]
    said: NDArray[np.int64]

    @classmethod
    def of(cls, task: Task, labels: Tensor, outputs: Tensor) -> Self:
        """The answers of a task to a number of images."""
        return cls(_integers(task.truth(labels)), _integers(task.answer(outputs)))

    def confusion(self, facts: Facts) -> NDArray[np.int64] | None:
        """Counts of (true class or number, predicted one); None where each class has an answer.

        Numbers of objects reach from 0 to the largest that occurs.
        """
        if self.truth.ndim == 2:
            return None
        reached = int(max(self.truth.max(), self.said.max())) + 1
        return confusion(self.truth, self.said, reached if facts.counted else len(facts.classes))

    def right_by_class(self) -> NDArray[np.float64] | None:
        """The share of images where the answer for each class is right; None where it has none."""
        return None if self.truth.ndim == 1 else (self.truth == self.said).mean(axis=0)

    def arrays(self, facts: Facts) -> dict[str, Array]:
        """Those of both that there are, by name."""
        both = {"confusion": self.confusion(facts), "right_by_class": self.right_by_class()}
        return {name: each for name, each in both.items() if each is not None}


def confusion(
    labels: NDArray[np.int64], guesses: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Counts of (true class, predicted class), int64, (classes, classes)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, guesses), 1)
    return counts


@dataclass(frozen=True, eq=False)
class _Looked:
    """The labels of all images, the answers and errors, and the latents of the first ones."""

    labels: NDArray[np.int64]
    answers: Answers | None
    errors: NDArray[np.float32] | None
    latents: NDArray[np.float32]


def _look(
    network: Network,
    configuration: Configuration,
    data: ResidentData,
    precision: Precision,
    task: Task | None,
) -> _Looked:
    keep = max(1, min(LATENTS, LATENT_NUMBERS // prod(network.plan.latent)))
    labels, outputs, errors, latents = (list[Tensor]() for _ in range(4))
    for batch in _batches(data):
        output = forward(network, batch.images, precision)
        labels.append(batch.labels)
        latents.append(output.latent.flatten(1)[:keep])
        keep -= len(latents[-1])
        if output.logits is not None:
            outputs.append(output.logits)
        if output.reconstruction is not None:
            pictures = pictures_of(output.reconstruction, configuration, data)
            errors.append(squared_errors(pictures, data.to_unit(batch.images)))
    every = torch.cat(labels)
    answers = Answers.of(task, every, torch.cat(outputs)) if task and outputs else None
    return _Looked(
        _integers(every),
        answers,
        torch.cat(errors).cpu().numpy() if errors else None,
        torch.cat(latents).cpu().numpy(),
    )


def squared_errors(pictures: Tensor, truth: Tensor) -> Tensor:
    """The squared error per pixel of each image, (N,), of two batches (N, C, H, W)."""
    return (pictures - truth).square().mean(dim=(1, 2, 3))


def _batches(data: ResidentData) -> Iterator[Batch]:
    """The validation images; without them a batch of training images, always the same ones."""
    if data.validation_size:
        yield from data.validation_batches(EVALUATION_BATCH)
    else:
        yield next(iter(data.train_batches(EVALUATION_BATCH, torch.Generator().manual_seed(0))))


def _one_of_each(labels: NDArray[np.int64]) -> list[int]:
    """The rows of the pictures: the first of each class, then the first others."""
    _, first = np.unique(labels, return_index=True)
    others = np.setdiff1d(np.arange(min(len(labels), 2 * PICTURES)), first)
    chosen: list[int] = np.concatenate([first, others])[:PICTURES].tolist()
    return chosen


def _pictures(
    network: Network,
    configuration: Configuration,
    data: ResidentData,
    precision: Precision,
    rows: list[int],
) -> dict[str, Array]:
    chosen = _chosen(data, rows)
    found: dict[str, Array] = {
        "originals": _bytes(data.to_unit(chosen.images)),
        "picture_labels": groups_of(_integers(chosen.labels)),
    }
    output = forward(network, chosen.images, precision)
    if output.reconstruction is not None:
        found["reconstructions"] = _bytes(pictures_of(output.reconstruction, configuration, data))
    return found | feature_maps(output.features)


def _chosen(data: ResidentData, rows: list[int]) -> Batch:
    """Some images by their rows, in the order of the rows."""
    found: dict[int, tuple[Tensor, Tensor]] = {}
    start = 0
    for batch in _batches(data):
        stop = start + len(batch.labels)
        found |= {
            row: (batch.images[row - start], batch.labels[row - start])
            for row in rows
            if start <= row < stop
        }
        start = stop
    images, labels = zip(*(found[row] for row in rows), strict=True)
    return Batch(torch.stack(images), torch.stack(labels))


def _bytes(images: Tensor) -> NDArray[np.uint8]:
    """0-1 images as 0-255."""
    levels: NDArray[np.uint8] = (images.clamp(0, 1) * 255).round().byte().cpu().numpy()
    return levels


def _integers(values: Tensor) -> NDArray[np.int64]:
    found: NDArray[np.int64] = values.cpu().numpy()
    return found
