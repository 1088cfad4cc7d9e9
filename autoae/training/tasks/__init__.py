"""The tasks that a head may be for: one file each, found by its name."""

from collections.abc import Callable

from autoae.spec.config import Configuration
from autoae.training.tasks import classify, count, digits
from autoae.training.tasks.base import Task

TASKS: dict[str, Callable[[Configuration], Task]] = {
    "classify": classify.task,
    "count": count.task,
    "digits": digits.task,
}
"""Every `model.task` but `none`; each makes the task that the other options describe."""


def task_of(configuration: Configuration) -> Task | None:
    """What the head of a network is for; None without a head."""
    name = configuration.model.task
    return None if name == "none" else TASKS[name](configuration)


__all__ = ["TASKS", "Task", "task_of"]
