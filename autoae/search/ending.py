"""When a run of a study ends."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from autoae.search.errors import SearchError
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.progress import Tally
from autoae.search.surroundings import Surroundings
from autoae.spec.errors import UserError
from autoae.store.reasons import kind_of

MOST_REFUSALS = 100
"""After so many refused networks in a row the study ends: its space is almost empty."""
SAME_FAILURES = 3
"""When the first so many trials fail for one reason, all the others would too."""
ALIKE_FAILURES = 10
"""As much where their reasons differ in figures, as a learning rate at which a loss is no number:
another configuration might do better."""
STOPPED = "stopped on request"
"""Why a run ended that a person told to."""

Enough = Callable[[], str | None]
"""Says why the study has learned enough, or None; asked whenever workers may be idle."""


@dataclass(frozen=True)
class End:
    """Why no further trial is asked for.

    Attributes:
        because: In words.
        drops: Whether running trials end with their epoch and are queued again; else they finish.
        interrupted: Whether a signal asked for it.
        error: What the run ends with, once nothing runs any more.
    """

    because: str
    drops: bool = False
    interrupted: bool = False
    error: UserError | None = None


class Watch:
    """Looks for a reason to end.

    Args:
        interrupts: Signals of this process.
        inbox: What people ask of the study.
        tally: Of the trials of this run.
        surroundings: Of the trials.
        timeout: Seconds after which no trial starts, or None.
        enough: Says why no further trial is needed, or None.
    """

    def __init__(
        self,
        interrupts: Interrupts,
        inbox: Inbox,
        tally: Tally,
        surroundings: Surroundings,
        timeout: float | None,
        enough: Enough | None = None,
    ) -> None:
        self._interrupts = interrupts
        self._inbox = inbox
        self._tally = tally
        self._surroundings = surroundings
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._timeout = timeout
        self._enough = enough

    def end(self) -> End | None:
        """The first reason there is; one that drops running trials before one that does not."""
        if self._interrupts.asked:
            return End("interrupted", drops=True, interrupted=True)
        if self._inbox.stop:
            return End(STOPPED, drops=True)
        if error := self._surroundings.error or self._hopeless():
            return End(error.message, drops=True, error=error)
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return End(f"the time limit of {self._timeout:g} s is over")
        because = self._enough() if self._enough is not None else None
        return End(because) if because is not None else None

    def _hopeless(self) -> SearchError | None:
        if self._tally.refusals >= MOST_REFUSALS:
            return SearchError(
                f"{MOST_REFUSALS} networks in a row were refused",
                hint="`autoae trial list` shows the reasons; widen the limits or the space",
            )
        for trials, kind in ((SAME_FAILURES, str), (ALIKE_FAILURES, kind_of)):
            if reason := self._tally.same_failure(trials, kind):
                return SearchError(
                    f"the first {trials} trials failed for the same reason: {reason}",
                    hint="`autoae trial show` tells more of each; mend the cause, or the study "
                    "file (`study create FILE --if-exists reuse`), and run the study again",
                )
        return None
