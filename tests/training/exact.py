"""Trainings in float64, alone and in a stack, to be held beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import torch

from autoae.data.resident import Batch, ResidentData
from autoae.spec.config import Configuration
from autoae.training import Selection, Training, fit
from tests.training.toy import CPU, Section, comparable, toy_configuration, toy_data

CONV: Section = {"encoder": "C(4) > S(6)", "latent": 5}
# A bias before batch normalisation has no gradient but rounding, of which Adam makes steps.
NORMED: Section = {"optimizer": "nesterov"}


class Exact(ResidentData):
    """Images in float64, where rounding hides nothing."""

    def _batch(self, images: torch.Tensor, labels: torch.Tensor) -> Batch:
        batch = super()._batch(images, labels)
        return Batch(batch.images.double(), batch.labels)


def exact_data(**options: object) -> ResidentData:
    data = toy_data(**options)  # type: ignore[arg-type]
    data.__class__ = Exact
    return data


def created(
    configurations: Sequence[Configuration], data: ResidentData, *, stacked: bool
) -> Training:
    """A training of networks in float64."""
    select = Selection.by("val_loss")
    torch.set_default_dtype(torch.float64)
    try:
        return Training.create(configurations, data, select=select, device=CPU, stacked=stacked)
    finally:
        torch.set_default_dtype(torch.float32)


def members(**sections: Section) -> list[Configuration]:
    """Four that stack: they differ in seed, rates and weights of the loss."""
    ways: list[dict[str, dict[str, object]]] = [
        {"training": {"seed": 1}},
        {"training": {"seed": 2, "lr": 0.003, "weight_decay": 0.1}},
        {"training": {"seed": 3, "momentum": 0.5}, "loss": {"alpha": 0.2, "beta": 3.0}},
        {"training": {"seed": 1, "schedule": "step", "schedule_every": 1}},
    ]
    return [
        toy_configuration(
            data=sections.get("data"),
            model=sections.get("model"),
            loss={**sections.get("loss", {}), **way.get("loss", {})},
            training={**sections.get("training", {}), **way["training"]},
        )
        for way in ways
    ]


def epochs(training: Training, data: ResidentData) -> Iterator[list[dict[str, float]]]:
    """The metrics of all members, epoch by epoch."""
    for report in fit(training, data):
        yield [comparable(metrics) for metrics in report.metrics.values()]


def assert_same_members(one: Training, other: Training) -> None:
    """All that a checkpoint keeps is the same, but for times."""
    for mine, theirs in zip(one.members, other.members, strict=True):
        assert_close(_kept(mine.state_dict()), _kept(theirs.state_dict()))


assert_close = partial(torch.testing.assert_close, rtol=1e-9, atol=1e-11)


def _kept(state: Mapping[str, object]) -> dict[str, object]:
    optimizer = state["optimizer"]
    assert isinstance(optimizer, dict)
    kept = {"network": state["network"], "optimizer": optimizer["state"], "best": state["best"]}
    best = state["best"]
    assert isinstance(best, dict)
    random = state["random"]
    assert isinstance(random, dict)
    return {**kept, "best": best["weights"], "order": random["batches"]}
