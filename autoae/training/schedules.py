"""How the learning rate changes: one entry each.

A new one is an entry here and its name in `autoae.spec.config.TrainingOptions.schedule`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

from autoae.spec.config import TrainingOptions
from autoae.spec.metrics import Direction


@dataclass(frozen=True)
class Horizon:
    """What a schedule must know of the training.

    Attributes:
        steps: Optimizer steps in one epoch.
        epochs: All that it is for.
        direction: Which way the selection metric is better.
    """

    steps: int
    epochs: int
    direction: Direction


@dataclass(frozen=True)
class Schedule:
    """A scheduler of torch and when it moves: after steps, after epochs, or on the metric.

    Attributes:
        scheduler: None leaves the learning rate as it is.
        moves: What it moves on.
        whole: Whether its shape spans the whole training, so that no epoch can be added.
    """

    scheduler: LRScheduler | None
    moves: Literal["step", "epoch", "metric"] = "epoch"
    whole: bool = False

    def after_step(self) -> None:
        """Tell it of one step of the optimizer."""
        if self.scheduler is not None and self.moves == "step":
            self.scheduler.step()

    def after_epoch(self, value: float) -> None:
        """Tell it of one epoch and its selection metric."""
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(value)
        elif self.scheduler is not None and self.moves == "epoch":
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """Numbers only; empty for a constant learning rate."""
        return {} if self.scheduler is None else self.scheduler.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state)


def _none(_optimizer: Optimizer, _options: TrainingOptions, _horizon: Horizon) -> Schedule:
    return Schedule(None)


def _step(optimizer: Optimizer, options: TrainingOptions, _: Horizon) -> Schedule:
    return Schedule(StepLR(optimizer, options.schedule_every, options.schedule_factor))


def _plateau(optimizer: Optimizer, options: TrainingOptions, horizon: Horizon) -> Schedule:
    scheduler = ReduceLROnPlateau(
        optimizer,
        mode="min" if horizon.direction == "minimize" else "max",
        factor=options.schedule_factor,
        patience=options.schedule_patience,
        threshold=options.schedule_threshold,
        min_lr=options.schedule_least_lr,
    )
    return Schedule(scheduler, "metric")


def _cosine(optimizer: Optimizer, _: TrainingOptions, horizon: Horizon) -> Schedule:
    return Schedule(CosineAnnealingLR(optimizer, horizon.epochs), whole=True)


def _one_cycle(optimizer: Optimizer, options: TrainingOptions, horizon: Horizon) -> Schedule:
    # Momentum stays as configured: cycling it would give the plain `sgd` a momentum.
    steps = horizon.epochs * horizon.steps
    scheduler = OneCycleLR(optimizer, options.lr, total_steps=steps, cycle_momentum=False)
    return Schedule(scheduler, "step", whole=True)


SCHEDULES: dict[str, Callable[[Optimizer, TrainingOptions, Horizon], Schedule]] = {
    "none": _none,
    "step": _step,
    "plateau": _plateau,
    "cosine": _cosine,
    "one-cycle": _one_cycle,
}


def make_schedule(optimizer: Optimizer, options: TrainingOptions, horizon: Horizon) -> Schedule:
    """The schedule that the options name."""
    return SCHEDULES[options.schedule](optimizer, options, horizon)
