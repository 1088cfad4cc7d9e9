"""What a study would cost in time and disk: a few steps of its smallest and largest network."""

import io
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from autoae.cli.survey import Candidate, Survey
from autoae.spec.errors import Unbuildable

if TYPE_CHECKING:
    from autoae.data.images import Facts, ImageData
    from autoae.spec.config import Configuration
    from autoae.spec.study import StudySpec
    from autoae.training.training import Training

_BATCHES = 4
"""Batches of an epoch that is measured; the first epoch warms up, the second counts."""

_LATENTS = 1000
"""Latents that a run folder keeps at most."""


@dataclass(frozen=True)
class Extreme:
    """The smallest or the largest network of the sample.

    Attributes:
        notation: Its architecture.
        params: Trainable parameters.
        flops: Operations of one image, forward.
        seconds: Of one trial, all epochs, on one worker.
        bytes: Of one run folder.
    """

    notation: str
    params: int
    flops: int
    seconds: float
    bytes: float


@dataclass(frozen=True)
class Estimate:
    """What a study would cost.

    Attributes:
        smallest: The network with the fewest parameters in the sample.
        largest: The one with the most.
        over_limit: Share of what can be built that breaks a limit.
        trials: The budget.
        workers: That train at the same time.
        seconds: For the whole budget, were every trial as small or as large as those.
        bytes: Likewise.
        assumption: What these figures rest on, in words.
    """

    smallest: Extreme
    largest: Extreme
    over_limit: float
    trials: int
    workers: int
    seconds: tuple[float, float]
    bytes: tuple[float, float]
    assumption: str


def estimate(spec: "StudySpec", found: Survey, workers: int) -> Estimate:
    """Measure the smallest and the largest network of a survey on synthetic images.

    Args:
        spec: The study.
        found: A survey of its space.
        workers: That would train at the same time.

    Raises:
        Unbuildable: Every network of the sample breaks a limit.
    """
    import torch

    # Workers train with one thread each.
    torch.set_num_threads(1)
    allowed = _within_limits(spec, found)
    ends = min(allowed, key=lambda each: each.params), max(allowed, key=lambda each: each.params)
    small, large = (_measured(each) for each in ends)
    rounds = -(-spec.budget // workers)
    return Estimate(
        smallest=small,
        largest=large,
        over_limit=1 - len(allowed) / len(found.candidates),
        trials=spec.budget,
        workers=workers,
        seconds=_ordered(rounds * small.seconds, rounds * large.seconds),
        bytes=_ordered(spec.budget * small.bytes, spec.budget * large.bytes),
        assumption="every trial trained to its last epoch, without pruning; measured on "
        f"{_BATCHES} batches with one thread",
    )


@dataclass(frozen=True)
class _Allowed:
    """A network of the sample that no limit refuses."""

    candidate: Candidate
    params: int
    flops: int


def _within_limits(spec: "StudySpec", found: Survey) -> list[_Allowed]:
    from autoae.search.refusal import accepted

    allowed, limits, refusal = [], spec.settings.limits.given(), None
    for each in found.candidates:
        model, plan = each.configuration.model, each.plan
        try:
            _, costs = accepted(model, plan.image, plan.classes, limits)
            allowed.append(_Allowed(each, int(costs["params"]), int(costs["flops"])))
        except Unbuildable as error:
            refusal = error
    if not allowed and refusal is not None:
        message = f"every network of the sample breaks a limit, such as: {refusal.message}"
        raise Unbuildable(message, key="limits", place=spec.locate("limits"))
    return allowed


def _measured(network: _Allowed) -> Extreme:
    plan = network.candidate.plan
    seconds, checkpoint = _trained(network.candidate.configuration)
    latents, pictures = 4 * _LATENTS * prod(plan.latent), 20 * prod(plan.image)
    size = checkpoint + 4 * network.params + latents + pictures
    return Extreme(plan.notation, network.params, network.flops, seconds, size)


def _ordered(one: float, other: float) -> tuple[float, float]:
    return min(one, other), max(one, other)


def _trained(configuration: "Configuration") -> tuple[float, int]:
    """Seconds of a whole training, and bytes of its checkpoint."""
    from autoae.data import facts, sizes
    from autoae.data.resident import resident
    from autoae.training import Selection, Training, device_of, fit

    known, options = facts(configuration.data), configuration.training
    train, validation = sizes(configuration.data)
    images = min(_BATCHES * options.batch_size, train)
    held = max(1, round(validation * images / train))
    device = device_of(configuration.device)
    data = resident(_synthetic(known, images, held), configuration.data, device)
    training = Training.create(
        [_two_epochs(configuration)], data, select=Selection.by("train_loss"), device=device
    )
    warm = 0.0
    for report in fit(training, data):
        warm = training.member(0).seconds if report.epoch == 1 else warm
    second = training.member(0).seconds - warm
    return second * train / images * options.epochs, _checkpoint_bytes(training)


def _synthetic(known: "Facts", images: int, validation: int) -> "ImageData":
    """Random images of the right shape and number of classes, in memory."""
    import numpy as np

    from autoae.data.images import ImageData, Split

    random = np.random.default_rng(0)
    count, channels = images + validation, known.shape[0]
    pixels = random.integers(0, 256, (count, *known.shape), dtype=np.uint8)
    classes = max(len(known.classes), 1)
    labels = random.integers(0, classes, count)
    if known.counted:
        labels = np.eye(classes, dtype=np.int64)[labels]  # One object on each image.
    rows = np.arange(count)
    held, empty = Split(pixels, labels, rows[images:]), Split(pixels, labels, rows[:0])
    zeros, ones = np.zeros(channels, np.float32), np.ones(channels, np.float32)
    return ImageData(known, Split(pixels, labels, rows[:images]), held, empty, zeros, ones)


def _two_epochs(configuration: "Configuration") -> "Configuration":
    """End to end: no epoch of a stage takes longer."""
    short = {"epochs": 2, "early_stopping": 0, "end_to_end": True}
    training = configuration.training.model_copy(update=short)
    return configuration.model_copy(update={"training": training})


def _checkpoint_bytes(training: "Training") -> int:
    import torch

    buffer = io.BytesIO()
    torch.save(training.state_dict(), buffer)
    return buffer.tell()
