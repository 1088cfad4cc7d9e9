"""How good a network is on images that it was not trained on."""

from collections.abc import Iterable
from math import log10

import torch
from torch import Tensor

from autoae.data.resident import Batch, ResidentData
from autoae.models import Network, Output
from autoae.spec.config import Configuration
from autoae.training.cross_entropy import binary_cross_entropy, entropy
from autoae.training.forward import forward, solve
from autoae.training.jigsaw import Jigsaw
from autoae.training.look import Look, seen_of, squared_errors
from autoae.training.loss import Terms
from autoae.training.precision import Precision
from autoae.training.stages import Stage, last_stage
from autoae.training.sums import Sums
from autoae.training.target import pictures_of, target_of
from autoae.training.tasks import Task

SMALLEST_ERROR = 1e-12
"""Squared errors below this count as this in the signal-to-noise ratio (120 dB), not as 0."""


def evaluate(
    network: Network,
    configuration: Configuration,
    batches: Iterable[Batch],
    data: ResidentData,
    precision: Precision,
) -> dict[str, float]:
    """The figures that `look_at` gives, of the last stage of a training."""
    return look_at(network, configuration, batches, data, precision)[0]


@torch.inference_mode()
def look_at(
    network: Network,
    configuration: Configuration,
    batches: Iterable[Batch],
    data: ResidentData,
    precision: Precision,
    stage: Stage | None = None,
) -> tuple[dict[str, float], Look]:
    """Every figure whose part exists, by its name without `val_` or `test_`, and what it is of.

    `mse`, `bce` and `psnr` (dB) are of de-normalised 0-1 images, per pixel; `bce` and
    `bce_excess` only where the reconstruction is a probability. `loss` is the weighted loss of
    training; `task`, `reconstruction` and `jigsaw` are its terms, those that have a weight; the
    figures of the answers are those of the task, such as `accuracy`.

    Args:
        network: Left in evaluation mode.
        configuration: Of the network's training.
        batches: The images to judge it on, at least one.
        data: Where they come from: it can de-normalise them.
        precision: As in training.
        stage: Whose loss it is; the last one's unless given.
    """
    network.eval()
    stage = stage or last_stage(configuration)
    loss, weights, sums, look = stage.loss, stage.weights(network), Sums(), Look.at(network)
    jigsaw, count = Jigsaw.of_validation(configuration) if loss.delta else None, 0
    for batch in batches:
        output, size = forward(network, batch.images, precision), len(batch.labels)
        target = target_of(batch.images, configuration, data)
        puzzle = jigsaw.shuffle(batch.images) if jigsaw else None
        solved = solve(network, puzzle, precision)
        _add_terms(sums, loss.terms(output, target, batch.labels, weights, solved), size)
        errors = judge_pictures(sums, output, batch, configuration, data)
        judge_answers(sums, output, batch.labels, loss.task)
        look.add(batch.labels, seen_of(output, errors, loss.task, look.keep))
        count += size
    return means_of(sums.read(), count), look


def means_of(totals: dict[str, float], count: int) -> dict[str, float]:
    """The figures of so many images from their sums, and the signal-to-noise ratio."""
    means = {name: value / count for name, value in totals.items()}
    return means | ({"psnr": signal_to_noise(means["mse"])} if "mse" in means else {})


def _add_terms(sums: Sums, terms: Terms, size: int) -> None:
    """The loss and its terms, but for the penalty, which is the same for all images."""
    sums.add("loss", terms.total, size)
    for name in ("task", "reconstruction", "jigsaw"):
        term: Tensor | None = getattr(terms, name)
        if term is not None:
            sums.add(name, term, size)


def judge_pictures(
    sums: Sums, output: Output, batch: Batch, configuration: Configuration, data: ResidentData
) -> Tensor | None:
    """Add the errors of the reconstruction, where there is one; gives that of each image."""
    if output.reconstruction is None:
        return None
    pictures = pictures_of(output.reconstruction, configuration, data)
    errors = squared_errors(pictures, data.to_unit(batch.images))
    sums.add("mse", errors.mean(), len(batch.labels))
    if configuration.model.output == "sigmoid":
        target = target_of(batch.images, configuration, data)
        add_cross_entropy(sums, pictures, target)
    return errors


def add_cross_entropy(sums: Sums, pictures: Tensor, target: Tensor) -> None:
    """Add `bce` and its excess over the least that these images allow, both per pixel.

    Args:
        sums: Added to, once for each image.
        pictures: (N, C, H, W), between 0 and 1.
        target: Of the same shape, between 0 and 1.
    """
    found, size = binary_cross_entropy(pictures, target), len(target)
    sums.add("bce", found, size)
    sums.add("bce_excess", found - entropy(target), size)


def judge_answers(sums: Sums, output: Output, labels: Tensor, task: Task | None) -> None:
    """Add the figures of the answers, where there are some."""
    if output.logits is not None and task is not None:
        for name, total in task.figures(output.logits, labels).items():
            sums.add(name, total)


def signal_to_noise(squared_error: float) -> float:
    """Peak signal-to-noise ratio in dB of 0-1 images from their mean squared error."""
    return -10.0 * log10(max(squared_error, SMALLEST_ERROR))
