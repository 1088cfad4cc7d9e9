"""Every figure that a trial can report, with its direction and what it needs."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["minimize", "maximize"]
Part = Literal["decoder", "head", "classify", "count", "digits", "jigsaw", "any"]


@dataclass(frozen=True)
class Metric:
    """One figure per epoch (a metric) or per network (a cost).

    Attributes:
        name: As it stands in study files, tables and files.
        direction: Which way is better.
        part: The part of the network, or the task, without which there is no such figure.
        unit: Empty for pure numbers.
        meaning: One line for tables and documentation.
    """

    name: str
    direction: Direction
    part: Part
    unit: str
    meaning: str


def _table(*rows: Metric) -> dict[str, Metric]:
    return {row.name: row for row in rows}


METRICS = _table(
    Metric("train_loss", "minimize", "any", "", "weighted loss on the training images"),
    Metric("train_task", "minimize", "head", "", "loss of the task on the training images"),
    Metric("train_reconstruction", "minimize", "decoder", "", "reconstruction loss in training"),
    Metric("train_jigsaw", "minimize", "jigsaw", "", "the same from shuffled pieces"),
    Metric("train_penalty", "minimize", "any", "", "half the sum of the squared weights"),
    Metric("train_accuracy", "maximize", "head", "", "share of training images answered right"),
    Metric("val_loss", "minimize", "any", "", "weighted loss on the validation images"),
    Metric("val_task", "minimize", "head", "", "loss of the task on the validation images"),
    Metric("val_reconstruction", "minimize", "decoder", "", "reconstruction loss on them"),
    Metric("val_jigsaw", "minimize", "jigsaw", "", "the same from shuffled pieces, always alike"),
    Metric("val_mse", "minimize", "decoder", "", "squared error per pixel on 0-1 images"),
    Metric("val_bce", "minimize", "decoder", "", "binary cross-entropy per pixel (sigmoid output)"),
    Metric(
        "val_bce_excess", "minimize", "decoder", "", "val_bce above the least that images allow"
    ),
    Metric("val_psnr", "maximize", "decoder", "dB", "peak signal-to-noise ratio of val_mse"),
    Metric(
        "val_accuracy", "maximize", "classify", "", "share of validation images classified right"
    ),
    Metric("val_count_mse", "minimize", "count", "", "squared error of the number of digits"),
    Metric("val_count_mae", "minimize", "count", "", "absolute error of the number of digits"),
    Metric(
        "val_count_accuracy",
        "maximize",
        "count",
        "",
        "share of images with the right number",
    ),
    Metric("val_digits_exact", "maximize", "digits", "", "share of images with every digit right"),
    Metric("gradient_norm", "minimize", "any", "", "mean norm of the gradient over the epoch"),
    Metric("samples_per_second", "maximize", "any", "1/s", "training images per second"),
)

PARTS: dict[Part, str] = {
    "head": "a head, and the network has none",
    "decoder": "a decoder, and the network has none",
    "classify": "`model.task: classify`, not {}",
    "count": "`model.task: count`, not {}",
    "digits": "`model.task: digits`, not {}",
    "jigsaw": "`loss.delta` above 0",
}
"""What each part is in an error message, as far as it may be missing; `{}` is the task."""

SHARES = ("accuracy", "count_accuracy", "digits_exact")
"""Shares of images that are answered right, without `val_` or `test_`: one for each task."""

COSTS = _table(
    Metric("params", "minimize", "any", "", "trainable parameters"),
    Metric("flops", "minimize", "any", "", "floating-point operations of one image, forward"),
    Metric("latent_ratio", "minimize", "any", "", "latent numbers per input number"),
    Metric("latency_ms", "minimize", "any", "ms", "forward pass of one image, median"),
    Metric("latency_batch_ms", "minimize", "any", "ms", "forward pass of 128 images, median"),
    Metric("memory_mb", "minimize", "any", "MB", "peak memory of the training"),
    Metric("seconds", "minimize", "any", "s", "time that the training took"),
)

DERIVED = _table(
    Metric(
        "epochs_to_1_percent",
        "minimize",
        "any",
        "",
        "epochs until the first objective was within 1 % of its best",
    ),
)
"""Figures that follow from a trial's curve: shown and compared, never optimised."""

SIGMOID_ONLY = ("val_bce", "val_bce_excess")
"""The metrics that need reconstructions between 0 and 1."""

KNOWN_BEFORE_TRAINING = ("params", "flops", "latent_ratio")
"""The costs that limits may name and that refuse a network before its first epoch."""
