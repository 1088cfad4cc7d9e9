"""How far an automatic run is: the little that it keeps for itself, with the study it searches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The command line shows the stages in its help, and that shall not load what reads studies.
    from autoae.store.snapshot import StudySnapshot


class Stage(StrEnum):
    """The stages, in order."""

    SEARCH = "search"
    CONFIRM = "confirm"
    ABLATE = "ablate"
    EVALUATE = "evaluate"
    REPORT = "report"
    EXPORT = "export"


@dataclass(frozen=True)
class Progress:
    """Kept as an attribute of the study; everything else follows from the trials.

    Attributes:
        budget: Seconds for everything.
        folder: Where the report and the model go.
        ended: Why each stage ended, those that have.
        spent: Seconds that stages took, as far as they could still say so.
    """

    budget: float
    folder: str
    ended: Mapping[Stage, str] = field(default_factory=dict)
    spent: float = 0.0

    @property
    def next(self) -> Stage | None:
        """The first stage that has not ended; None where all have."""
        return next((stage for stage in Stage if stage not in self.ended), None)

    def after(self, stage: Stage, why: str) -> "Progress":
        """The same once a stage has ended."""
        return replace(self, ended={**self.ended, stage: why})

    def left(self, studies: "Iterable[StudySnapshot]") -> float:
        """Seconds that are left, never below zero.

        A run that was killed could not say what it spent, but its trials do.

        Args:
            studies: All that were trained on this budget.
        """
        busy = sum(busy_seconds(study) for study in studies)
        return max(self.budget - max(self.spent, busy), 0.0)

    def kept(self) -> dict[str, object]:
        """As JSON can say it."""
        ended = {stage.value: why for stage, why in self.ended.items()}
        return {
            "budget": self.budget,
            "folder": self.folder,
            "ended": ended,
            "spent": self.spent,
        }


def progress_from(kept: object) -> Progress | None:
    """What an attribute of a study says; None where the study is no automatic one."""
    if not isinstance(kept, dict):
        return None
    ended = {Stage(stage): str(why) for stage, why in kept["ended"].items()}
    return Progress(float(kept["budget"]), str(kept["folder"]), ended, float(kept["spent"]))


def busy_seconds(study: "StudySnapshot") -> float:
    """How long at least one trial was in training: the union of their times, in seconds."""
    total, until = 0.0, None
    for start, end in sorted(_times(study)):
        begin = start if until is None else max(start, until)
        if end > begin:
            total += (end - begin).total_seconds()
            until = end
    return total


def _times(study: "StudySnapshot") -> Iterable[tuple[datetime, datetime]]:
    for trial in study.trials:
        if trial.started is not None and trial.finished is not None:
            yield trial.started, trial.finished
