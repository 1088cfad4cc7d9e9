"""What a report is written from."""

from collections.abc import Sequence
from dataclasses import dataclass

from autoae.analysis.best import best_trials
from autoae.analysis.evidence import Evidence
from autoae.spec.study import StudySpec
from autoae.store.evaluations import OpenedSplit
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.report.runs import Folders

BEST = 5
"""Trials that stand out in figures and tables."""

VARIANTS = 12
"""Variants of a list that are shown beside one another; of more the best."""


@dataclass(frozen=True)
class Material:
    """Everything that a report shows, nothing of it drawn yet.

    Attributes:
        evidence: What was found out.
        folders: Where the trials left their files.
        storage: Where the study is kept, without a password.
        commands: That reproduce it: the command, and what for.
        version: Of autoae.
        again: The study file of the confirmation, if there is one.
        split: What is known of the test split; None while it is sealed.
    """

    evidence: Evidence
    folders: Folders
    storage: str
    commands: Sequence[tuple[str, str]]
    version: str
    again: StudySpec | None = None
    split: OpenedSplit | None = None

    @property
    def study(self) -> StudySnapshot:
        """The study at this moment."""
        return self.evidence.study

    @property
    def complete(self) -> tuple[TrialSnapshot, ...]:
        """Its complete trials."""
        return self.study.of_state("COMPLETE")

    @property
    def best(self) -> tuple[TrialSnapshot, ...]:
        """Its best trials; of a list or an ablation one of each variant, the best first."""
        repeated = [group.trials[0] for group in self.evidence.groups if group.trials]
        return tuple(repeated[:VARIANTS]) or best_trials(self.study, BEST)

    def name_of(self, trial: TrialSnapshot) -> str:
        """A trial by its variant, where it has one, and its number."""
        for group in self.evidence.groups:
            if trial in group.trials:
                return f"{group.name} (trial {trial.number})"
        return f"trial {trial.number}"


def too_few(trials: int, needed: int) -> str | None:
    """Why something is not shown, where there are too few complete trials for it."""
    if trials >= needed:
        return None
    return f"too few trials: {trials} complete, {needed} needed"
