"""An existing study, opened for a command that changes something."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autoae.cli.opened import Opened, command, opened
from autoae.store.commands import StudyCommands
from autoae.store.requests import requests_of


@dataclass(frozen=True)
class Acted:
    """The study that is acted on.

    Attributes:
        opened: The study.
    """

    opened: Opened

    def running(self) -> list[int]:
        """The numbers of its running trials."""
        from optuna.trial import TrialState

        states = (TrialState.RUNNING,)
        return [trial.number for trial in self.opened.study.get_trials(False, states)]

    @property
    def paused(self) -> bool:
        """Whether no trial may be started."""
        return requests_of(self.opened.study).paused is not None

    def train_next(self, storage: str | None) -> str:
        """The command that trains what waits, with a larger budget where it is used up."""
        snapshot = self.opened.snapshot()
        used = len(snapshot.counted)
        more = f" --trials {used + 1}" if used >= snapshot.budget else ""
        return command(f"study run {snapshot.name}{more}", storage)


@contextmanager
def acting(name: str, storage: str | None) -> Iterator[tuple[Acted, StudyCommands]]:
    """Open a study and what may be done to it.

    Args:
        name: Of the study.
        storage: As the user gave it, or None.

    Raises:
        StudyNotFound: With the nearest name.
        StorageError: The storage cannot be used.
    """
    with opened(name, storage) as found:
        yield Acted(found), StudyCommands(found.storage, found.study)
