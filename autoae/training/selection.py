"""Which epoch of a training is the best one."""

from dataclasses import dataclass
from typing import Self

from autoae.spec.config import Configuration
from autoae.spec.metrics import METRICS, SIGMOID_ONLY, Direction, Metric, Part
from autoae.spec.names import nearest
from autoae.training.errors import TrainingError
from autoae.training.stages import last_stage


@dataclass(frozen=True)
class Selection:
    """The metric that chooses the best epoch; early stopping and `plateau` watch it too.

    Attributes:
        metric: A name of `autoae.spec.metrics.METRICS`.
        direction: Which way is better.
    """

    metric: str
    direction: Direction

    @classmethod
    def of_first_stage(cls, *, validation: bool) -> Self:
        """By the loss of the stage: the objective is a matter of the second one."""
        return cls.by("val_loss" if validation else "train_loss")

    @classmethod
    def by(cls, metric: str) -> Self:
        """Select by a metric in its own direction.

        Raises:
            TrainingError: There is no such metric.
        """
        return cls(metric, _known(metric).direction)

    def better(self, value: float, than: float) -> bool:
        """Whether the first value is strictly better than the second."""
        return value < than if self.direction == "minimize" else value > than

    def check(self, configuration: Configuration, *, validation: bool) -> None:
        """Make sure that a training of this configuration will have the metric.

        Args:
            configuration: What is to be trained.
            validation: Whether there are validation images.

        Raises:
            TrainingError: The metric is unknown, or needs what is not there.
        """
        metric = _known(self.metric)
        missing = _missing(metric, configuration, validation)
        if missing:
            raise TrainingError(
                f"the best epoch is chosen by {metric.name}, but there {missing}",
                hint="choose another metric as the objective, or give it what it needs",
                key="objectives",
            )


def _known(name: str) -> Metric:
    if name not in METRICS:
        raise TrainingError(f"no metric {name!r} per epoch; {nearest(name, METRICS)}")
    return METRICS[name]


def _missing(metric: Metric, configuration: Configuration, validation: bool) -> str:
    """What the metric lacks, as the end of a sentence; empty where it lacks nothing."""
    if metric.name.startswith("val_") and not validation:
        return "are no validation images (data.validation is 0)"
    if not configuration.has(metric.part):
        return _LACKS[metric.part].format(configuration.model.task)
    if metric.name in SIGMOID_ONLY and configuration.model.output != "sigmoid":
        return "is no sigmoid output (model.output is linear)"
    return _missing_term(metric.name, configuration)


_LACKS: dict[Part, str] = {
    "head": "is no head (model.task is {})",
    "decoder": "is no decoder (model.decoder is none)",
    "classify": "is no classification (model.task is {})",
    "count": "is no counting (model.task is {})",
    "digits": "are no digits to tell (model.task is {})",
}


def _missing_term(name: str, configuration: Configuration) -> str:
    """Terms without weight are not computed in training, so they cannot select."""
    loss = last_stage(configuration).loss
    weights = {
        "train_task": ("alpha", loss.alpha),
        "train_accuracy": ("alpha", loss.alpha),
        "train_reconstruction": ("beta", loss.beta),
        "train_penalty": ("gamma", loss.gamma),
    }
    key, weight = weights.get(name, ("", 1.0))
    if not weight and key == "beta" and configuration.beta:
        return "is no such term in the second stage (training.end_to_end is false)"
    return "" if weight else f"is no such term (loss.{key} is 0)"
