"""What there is to see of a trained network, as arrays: views draw it, nothing here does."""

from collections.abc import Iterator
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoae.data.resident import Batch, ResidentData
from autoae.models import Network
from autoae.spec.config import Configuration
from autoae.training.evaluation import EVALUATION_BATCH
from autoae.training.forward import forward
from autoae.training.precision import Precision
from autoae.training.target import pictures_of

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
        `latent`: float32, (L, numbers), flat, and `latent_labels`: int64, (L,);
        with a head `confusion`: int64, (classes, classes), true class by predicted one.
    """
    network.eval()
    labels, guesses, latents = _look(network, data, precision)
    found: dict[str, Array] = {"latent": latents, "latent_labels": labels[: len(latents)]}
    found |= _pictures(network, configuration, data, precision, _one_of_each(labels))
    if guesses is not None and data.validation_size:
        found["confusion"] = confusion(labels, guesses, len(data.facts.classes))
    return found


def confusion(
    labels: NDArray[np.int64], guesses: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Counts of (true class, predicted class), int64, (classes, classes)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, guesses), 1)
    return counts


def _look(
    network: Network, data: ResidentData, precision: Precision
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None, NDArray[np.float32]]:
    """The labels and predicted classes of all images, and the latents of the first ones."""
    keep = max(1, min(LATENTS, LATENT_NUMBERS // prod(network.plan.latent)))
    labels, guesses, latents = list[Tensor](), list[Tensor](), list[Tensor]()
    for batch in _batches(data):
        output = forward(network, batch.images, precision)
        labels.append(batch.labels)
        latents.append(output.latent.flatten(1)[:keep])
        keep -= len(latents[-1])
        if output.logits is not None:
            guesses.append(output.logits.argmax(1))
    predicted = _integers(torch.cat(guesses)) if guesses else None
    return _integers(torch.cat(labels)), predicted, torch.cat(latents).cpu().numpy()


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
        "picture_labels": _integers(chosen.labels),
    }
    reconstruction = forward(network, chosen.images, precision).reconstruction
    if reconstruction is not None:
        found["reconstructions"] = _bytes(pictures_of(reconstruction, configuration, data))
    return found


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
