"""What every tab of a study has: a recipe that runs in a thread, and a place for what it makes."""

from collections.abc import Callable
from typing import Any

from textual.containers import Vertical
from textual.message import Message

from autoae.spec.metrics import Direction
from autoae.store.snapshot import Curve, StudySnapshot, TrialSnapshot
from autoae.views.numbers import cost
from autoae.views.tui.canvas import Axis
from autoae.views.tui.source import StudyView

Recipe = Callable[[StudyView], Any]
"""From a study to what a panel shows; it touches no widget, for it runs in a thread."""


class Panel(Vertical):
    """A tab of a study."""

    class Changed(Message):
        """What shall be shown is something else now: the recipe is another one."""

    def recipe(self) -> Recipe:
        """How to make what is shown, with the settings of this moment."""
        raise NotImplementedError

    def show(self, made: Any) -> None:  # noqa: ANN401 - what the recipe of the same panel gives
        """Show what the recipe made."""
        raise NotImplementedError

    def trial(self) -> int | None:
        """The trial that the cursor stands on, if any."""
        return None

    def select(self, number: int) -> bool:
        """Put the cursor on a trial; says whether it is here."""
        del number
        return False

    def changed(self) -> None:
        """Ask to be made anew."""
        self.post_message(self.Changed())


def axis(name: str, *, log: bool = False, whole: bool = False) -> Axis:
    """The axis of a figure, its numbers written as everywhere."""
    text = "{:.0f}".format if whole else lambda value: cost(name, value)
    return Axis(name, log=log, whole=whole, text=text)


def is_better(value: float, other: float, direction: Direction) -> bool:
    """Whether a value beats another one."""
    return value > other if direction == "maximize" else value < other


def now_of(view: StudyView, trial: TrialSnapshot) -> Curve:
    """The curve of the first objective so far, as the fastest place has it."""
    live = view.live.get(trial.number)
    return max(trial.curve, live.curves.get(view.objective, ()) if live else (), key=len)


def epochs_of(trial: TrialSnapshot) -> int | None:
    """How many epochs a trial may train; None before it is known."""
    training = trial.configuration.get("training")
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if isinstance(epochs, int) else None


def value_of(study: StudySnapshot, trial: TrialSnapshot, index: int = 0) -> float | None:
    """An objective of a trial: its value, else the newest one of its curve."""
    if len(trial.values) > index:
        return trial.values[index]
    curve = trial.curves.get(study.objectives[index].metric, ())
    return curve[-1][1] if curve else None
