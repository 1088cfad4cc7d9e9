"""What a head may be for: how many numbers it gives, what it needs of the data, how it is judged.

How a task is trained stands in `autoae.training.tasks`; a test pairs the two.
"""

from autoae.spec.composition import COMPOSED
from autoae.spec.config import Configuration, ModelOptions
from autoae.spec.errors import Unbuildable

_OF_SEVERAL = frozenset({"count", "digits"})
"""The tasks for images that hold several objects."""


def outputs_of(model: ModelOptions, classes: int) -> int:
    """How many numbers a head ends with.

    One for each class, and one for each number of objects from 0 up where it is chosen among
    them; a single one where the number itself is regressed.

    Args:
        model: With a task.
        classes: That the data set has.
    """
    return 1 if (model.task, model.count) == ("count", "regression") else classes


def default_metric(model: ModelOptions) -> str:
    """The metric that a study optimises unless its file says: of the task, else the MSE."""
    if model.task == "count":
        return "val_count_accuracy" if model.count == "classification" else "val_count_mse"
    return {"classify": "val_accuracy", "digits": "val_digits_exact"}.get(model.task, "val_mse")


def has_softmax(model: ModelOptions) -> bool:
    """Whether the task is one of cross-entropy."""
    ways = {"classify": True, "count": model.count == "classification"}
    return ways.get(model.task, model.task == "digits" and model.digits == "classes")


def check_task(configuration: Configuration) -> None:
    """Refuse a task that the data set cannot serve.

    Raises:
        Unbuildable: With the reason.
    """
    task, dataset = configuration.model.task, configuration.data.dataset
    if task in _OF_SEVERAL and dataset != COMPOSED:
        raise Unbuildable(
            f"{task!r} needs images that hold several digits, and one of {dataset!r} is of a "
            "single class",
            hint=f"set `data.dataset: {COMPOSED}`, or `task: classify`",
            key="model.task",
        )
    if task in _OF_SEVERAL and configuration.loss.task != "cross_entropy":
        raise Unbuildable(
            f"is for `task: classify`; what {task!r} minimises is chosen by model.{task}",
            hint="leave it out",
            key="loss.task",
        )
    if task == "classify" and dataset == COMPOSED:
        raise Unbuildable(
            f"an image of {COMPOSED!r} holds several digits, so it has no single class",
            hint="set `task: count` or `task: digits`",
            key="model.task",
        )
