"""One epoch of one member: train, then look at the validation images."""

from collections.abc import Mapping
from math import isfinite
from time import perf_counter

from torch import Tensor
from torch.nn.utils import get_total_norm

from autoae.data.resident import Batch, ResidentData
from autoae.training.devices import denormals_flushed
from autoae.training.errors import Diverged
from autoae.training.evaluation import look_at
from autoae.training.forward import arranged
from autoae.training.jigsaw import Jigsaw
from autoae.training.loss import Terms
from autoae.training.member import Member
from autoae.training.memory import validated_at_once
from autoae.training.sums import Sums
from autoae.training.target import target_of

STEPS_BETWEEN_CHECKS = 64
"""Steps after which the loss is looked at: often enough to save most of a lost epoch, seldom
enough that a GPU does not wait."""

NAMES = {
    "total": "train_loss",
    "task": "train_task",
    "reconstruction": "train_reconstruction",
    "penalty": "train_penalty",
    "jigsaw": "train_jigsaw",
}
"""The metrics of the terms of a loss."""


def run_epoch(member: Member, data: ResidentData) -> bool:
    """Train a member for one epoch, evaluate it and take note of both.

    Returns:
        Whether early stopping ends the member here.

    Raises:
        Diverged: A figure is not finite; the member is stopped and nothing more is done.
    """
    start = perf_counter()
    member.begin_epoch()
    with member.random.in_place(), denormals_flushed(member.device):
        metrics = _validated(member, data, train_epoch(member, data))
    return member.finish_epoch(metrics, perf_counter() - start)


def _validated(member: Member, data: ResidentData, metrics: dict[str, float]) -> dict[str, float]:
    """The metrics of a trained epoch with those of the validation images.

    Raises:
        Diverged: A figure is not finite; the member is stopped.
    """
    _check_finite(member, metrics)
    metrics = metrics | validate(member, data)
    _check_finite(member, metrics)
    return metrics


def train_epoch(member: Member, data: ResidentData) -> dict[str, float]:
    """Pass over the training images once.

    Returns:
        The metrics that begin with `train_`, `gradient_norm` (mean over the steps) and
        `samples_per_second`.
    """
    start, sums, images, steps = perf_counter(), Sums(), 0, 0
    size = member.configuration.training.batch_size
    jigsaw = Jigsaw.of_epoch(member.configuration, member.epoch) if member.loss.delta else None
    with member.stage.training(member.network):
        for batch in data.train_batches(size, member.random.batches):
            _step(member, batch, data, sums, jigsaw)
            images, steps = images + len(batch.labels), steps + 1
            if steps % STEPS_BETWEEN_CHECKS == 0 and not sums.finite("train_loss"):
                break
    return means_of(sums.read(), images, steps, perf_counter() - start)


def means_of(totals: dict[str, float], images: int, steps: int, seconds: float) -> dict[str, float]:
    """The metrics of an epoch's training from its sums."""
    norm = totals.pop("gradient_norm") / steps
    means = {name: value / images for name, value in totals.items()}
    return means | {"gradient_norm": norm, "samples_per_second": images / seconds}


def _step(
    member: Member, batch: Batch, data: ResidentData, sums: Sums, jigsaw: Jigsaw | None
) -> None:
    """One step of the optimizer."""
    images = arranged(batch.images, member.precision)
    target = target_of(images, member.configuration, data) if member.loss.compares else images
    puzzle = jigsaw.shuffle(images) if jigsaw else None
    terms, logits = member.engine.gradients(Batch(images, batch.labels), target, puzzle)
    _add_terms(sums, terms, len(batch.labels))
    if logits is not None and member.loss.task is not None:
        sums.add("train_accuracy", member.loss.task.right_answers(logits, batch.labels))
    sums.add("gradient_norm", _gradient_norm(member))
    if member.layer_gradients is not None:
        member.layer_gradients.add()
    member.optimizer.step()
    member.schedule.after_step()


def _add_terms(sums: Sums, terms: Terms, size: int) -> None:
    for name, term in zip(terms._fields, terms, strict=True):
        if term is not None:
            sums.add(NAMES[name], term, size)


def _gradient_norm(member: Member) -> Tensor:
    """The norm of all gradients together; of parts that have none, nothing."""
    gradients = [weight.grad for weight in member.weights if weight.grad is not None]
    return get_total_norm(gradients, foreach=member.device.type in {"cpu", "cuda"})


def validate(member: Member, data: ResidentData) -> dict[str, float]:
    """The metrics that begin with `val_`; none without validation images."""
    if data.validation_size == 0:
        return {}
    batches = data.validation_batches(validated_at_once([member]))
    figures, member.look = look_at(
        member.network, member.configuration, batches, data, member.precision, member.stage
    )
    return {f"val_{name}": value for name, value in figures.items()}


def diverges(member: Member, metrics: Mapping[str, float]) -> bool:
    """Whether a figure is not finite; the member is stopped then, with its failure."""
    if all(isfinite(value) for value in metrics.values()):
        return False
    member.stopped = True
    member.failure = Diverged(member.epoch + 1, member.learning_rate)
    return True


def _check_finite(member: Member, metrics: Mapping[str, float]) -> None:
    if diverges(member, metrics):
        raise Diverged(member.epoch + 1, member.learning_rate)
