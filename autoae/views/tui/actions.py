"""What a person may do from the monitor; each says in a sentence what came of it."""

from collections.abc import Mapping
from typing import Protocol

from autoae.spec.domains import Value


class StudyActions(Protocol):
    """Acts on studies through their storage; each method may wait, and is called in a thread.

    Every method raises a UserError where it cannot be done.
    """

    def pause(self, study: str) -> str:
        """Start no further trial, or start trials again where the study was paused."""

    def stop(self, study: str) -> str:
        """Ask every coordinator to stop as after one Ctrl-C."""

    def prune(self, study: str, number: int) -> str:
        """End a running trial."""

    def retry(self, study: str, number: int) -> str:
        """Queue a failed or pruned trial again."""

    def vary(self, study: str, number: int, changes: Mapping[str, Value]) -> str:
        """Queue a variation of a trial; the values are checked."""

    def note(self, study: str, number: int | None, text: str) -> str:
        """Add a note to a trial, or to the study."""

    def reproduce(self, study: str, number: int) -> str:
        """The command that trains a trial again."""

    def dashboard(self) -> str:
        """Open the dashboard in the browser."""

    def close(self) -> None:
        """Let go of what was opened."""
