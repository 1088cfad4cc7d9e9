"""A study in Python: its trials, its front, what mattered, and its best model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.analysis.best import best_trials
from autoae.analysis.effects import effects
from autoae.analysis.front import front, front_axes
from autoae.analysis.ledger import Ledger
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.opened import opened
from autoae.store.runs import run_root, trial_folder
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.store.urls import storage_url

if TYPE_CHECKING:
    from autoae.inference.model import Model


@dataclass(frozen=True)
class Study:
    """A study of a storage. Every method reads it anew, so a running one shows how it grows.

    Attributes:
        name: Of the study.
        url: Of the storage.
        spec: The study file in force.
    """

    name: str
    url: str
    spec: StudySpec

    def snapshot(self) -> StudySnapshot:
        """Everything that is known at this moment."""
        with opened(self.name, self.url) as found:
            return found.snapshot()

    def trials(self) -> tuple[TrialSnapshot, ...]:
        """All trials, of every state, by number."""
        return self.snapshot().trials

    def best(self) -> TrialSnapshot:
        """The best complete trial; with several objectives the best by the first one.

        Raises:
            SpecError: No trial is complete.
        """
        best = best_trials(self.snapshot(), 1)
        if not best:
            raise SpecError(
                f"study {self.name!r} has no complete trial",
                hint=f"`autoae study run {self.name}` trains some",
            )
        return best[0]

    def front(self, x: str | None = None, y: str | None = None) -> tuple[TrialSnapshot, ...]:
        """The complete trials that no other one beats in both of two figures.

        Args:
            x: An objective, a metric or a cost; chosen with `y` by the study unless given.
            y: Another one; the first objective unless given.

        Returns:
            Ordered by `x`, the smallest first.
        """
        study = self.snapshot()
        return front(study, *front_axes(study)) if x is None else front(study, x, y)

    def effects(self, metric: str | None = None) -> Ledger:
        """What each knob did, with intervals and verdicts; its `problem` says where nothing can be.

        Args:
            metric: The only one to look at; every recorded one unless given.
        """
        return effects(self.snapshot(), self.spec.domains(), metric=metric)

    def model(self, trial: int) -> "Model":
        """The network of a trial, with the weights of its best epoch.

        Raises:
            WeightsError: Its weights are gone, damaged or changed.
        """
        from autoae.inference.model import load_model

        return load_model(trial_folder(run_root(self.url), self.name, trial).path)

    def best_model(self) -> "Model":
        """The network of the best trial.

        Raises:
            SpecError: No trial is complete.
            WeightsError: Its weights are gone, damaged or changed.
        """
        return self.model(self.best().number)


def load_study(name: str, storage: str | None = None) -> Study:
    """Find a study.

    Args:
        name: Of the study.
        storage: The URL of the storage; AUTOAE_STORAGE or OPTUNA_STORAGE unless given, else
            `sqlite:///storage/autoae.db`.

    Raises:
        StudyNotFound: With the nearest name.
        StorageError: The storage cannot be read.
    """
    url = storage_url(storage)
    with opened(name, url) as found:
        return Study(name, url, found.spec)
