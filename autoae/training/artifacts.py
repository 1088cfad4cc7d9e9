"""What there is to see of a trained network, as arrays: views draw it, nothing here does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoae.data.images import Facts, groups_of
from autoae.data.resident import Batch, ResidentData
from autoae.training.evaluation import look_at
from autoae.training.feature_maps import feature_maps
from autoae.training.forward import forward
from autoae.training.look import Look
from autoae.training.member import Member
from autoae.training.memory import validated_at_once
from autoae.training.target import pictures_of
from autoae.training.tasks import Task, task_of

PICTURES = 10
TRAINING_IMAGES = 512
"""That are looked at where there are none for validation."""

Array = NDArray[np.generic]


@torch.inference_mode()
def arrays(member: Member, data: ResidentData, look: Look | None = None) -> dict[str, Array]:
    """Pictures, confusion counts and a sample of latents, of the validation images.

    Without validation images they are of some hundred training images, and there are no confusion
    counts: those of images that were learned would mislead.

    Args:
        member: Its network has the weights of its best epoch.
        data: The images.
        look: What the validation images of that epoch showed; unless given, they are passed over
            once more.

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
    network, configuration = member.network.eval(), member.configuration
    batches = _batches(data, validated_at_once([member]))
    look = look or look_at(network, configuration, batches, data, member.precision)[1]
    labels, task = torch.cat(look.labels), task_of(configuration)
    groups, latents = groups_of(_integers(labels)), torch.cat(look.seen["latents"]).cpu().numpy()
    found: dict[str, Array] = {"latent": latents, "latent_labels": groups[: len(latents)]}
    found |= _pictures(member, data, _one_of_each(groups))
    if "said" in look.seen and task and data.validation_size:
        found |= Answers.of(task, labels, torch.cat(look.seen["said"])).arrays(data.facts)
    if "errors" in look.seen and data.validation_size:
        found["errors"] = torch.cat(look.seen["errors"]).cpu().numpy()
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
    def of(cls, task: Task, labels: Tensor, said: Tensor) -> Self:
        """The answers of a task to a number of images, as it gave them."""
        return cls(_integers(task.truth(labels)), _integers(said))

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


def _batches(data: ResidentData, size: int) -> Iterable[Batch]:
    """The validation images; without them `TRAINING_IMAGES`."""
    if data.validation_size:
        return data.validation_batches(size)
    size = min(size, TRAINING_IMAGES)
    return islice(_training_batches(data, size), -(-TRAINING_IMAGES // size))


def _training_batches(data: ResidentData, size: int) -> Iterator[Batch]:
    """Always the same images in the same order, however many there are in a batch."""
    return data.train_batches(size, torch.Generator().manual_seed(0))


def _one_of_each(labels: NDArray[np.int64]) -> list[int]:
    """The rows of the pictures: the first of each class, then the first others."""
    _, first = np.unique(labels, return_index=True)
    others = np.setdiff1d(np.arange(min(len(labels), 2 * PICTURES)), first)
    chosen: list[int] = np.concatenate([first, others])[:PICTURES].tolist()
    return chosen


def _pictures(member: Member, data: ResidentData, rows: list[int]) -> dict[str, Array]:
    chosen = _chosen(data, rows)
    found: dict[str, Array] = {
        "originals": _bytes(data.to_unit(chosen.images)),
        "picture_labels": groups_of(_integers(chosen.labels)),
    }
    output = forward(member.network, chosen.images, member.precision, classify=False)
    if output.reconstruction is not None:
        pictures = pictures_of(output.reconstruction, member.configuration, data)
        found["reconstructions"] = _bytes(pictures)
    return found | feature_maps(output.features)


def _chosen(data: ResidentData, rows: list[int]) -> Batch:
    """Some images by their rows, in the order of the rows."""
    if data.validation_size:
        return data.validation_images(rows)
    images, labels = next(_training_batches(data, max(rows) + 1))
    return Batch(images[rows], labels[rows])


def _bytes(images: Tensor) -> NDArray[np.uint8]:
    """0-1 images as 0-255."""
    levels: NDArray[np.uint8] = (images.clamp(0, 1) * 255).round().byte().cpu().numpy()
    return levels


def _integers(values: Tensor) -> NDArray[np.int64]:
    found: NDArray[np.int64] = values.cpu().numpy()
    return found
