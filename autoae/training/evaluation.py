"""How good a network is on images that it was not trained on."""

from collections.abc import Iterable
from math import log10

import torch
from torch import Tensor
from torch.nn import functional

from autoae.data.resident import Batch, ResidentData
from autoae.models import Network, Output
from autoae.spec.config import Configuration
from autoae.training.cross_entropy import binary_cross_entropy, entropy
from autoae.training.forward import forward, solve
from autoae.training.jigsaw import Jigsaw
from autoae.training.loss import Terms
from autoae.training.precision import Precision
from autoae.training.stages import Stage, last_stage
from autoae.training.sums import Sums
from autoae.training.target import pictures_of, target_of
from autoae.training.tasks import Task

EVALUATION_BATCH = 512
"""Images per batch: of 128 to 2048 the fastest on a CPU."""
PIXELS_ON_GPU = 2**21
"""Of a batch on a GPU, where few launches matter more: 2,048 images of 32 x 32."""

SMALLEST_ERROR = 1e-12
"""Squared errors below this count as this in the signal-to-noise ratio (120 dB), not as 0."""


def evaluation_batch(data: ResidentData) -> int:
    """Images per batch where many are looked at; as many of large images as on a CPU."""
    _, height, width = data.facts.shape
    on_gpu = data.device.type == "cuda"
    return max(EVALUATION_BATCH, PIXELS_ON_GPU // (height * width) if on_gpu else 0)


@torch.inference_mode()
def evaluate(
    network: Network,
    configuration: Configuration,
    batches: Iterable[Batch],
    data: ResidentData,
    precision: Precision,
    stage: Stage | None = None,
) -> dict[str, float]:
    """Every figure whose part exists, by its name without `val_` or `test_`.

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
    loss, weights, sums, count = stage.loss, stage.weights(network), Sums(), 0
    jigsaw = Jigsaw.of_validation(configuration) if loss.delta else None
    for batch in batches:
        output, size = forward(network, batch.images, precision), len(batch.labels)
        target = target_of(batch.images, configuration, data)
        puzzle = jigsaw.shuffle(batch.images) if jigsaw else None
        solved = solve(network, puzzle, precision)
        _add_terms(sums, loss.terms(output, target, batch.labels, weights, solved), size)
        judge_pictures(sums, output, batch, configuration, data)
        judge_answers(sums, output, batch.labels, loss.task)
        count += size
    return means_of(sums.read(), count)


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
) -> None:
    """Add the errors of the reconstruction, where there is one, once for each image."""
    if output.reconstruction is None:
        return
    truth, size = data.to_unit(batch.images), len(batch.labels)
    pictures = pictures_of(output.reconstruction, configuration, data)
    sums.add("mse", functional.mse_loss(pictures, truth), size)
    if configuration.model.output == "sigmoid":
        target = target_of(batch.images, configuration, data)
        add_cross_entropy(sums, pictures, target)


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
