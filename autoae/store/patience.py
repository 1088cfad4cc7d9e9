"""A database that cannot be used for a while is waited for: a run of hours shall survive that.

Either its server is restarted, or SQLite finds no room on its disk.
"""

import shutil
import time
from collections.abc import Callable
from functools import wraps
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

PATIENCE_SECONDS = 600.0
"""After so long without an answer a run ends; the next one takes up what was running."""
PAUSE_SECONDS = 1.0
"""Between two tries."""
ROOM_BYTES = 2**22
"""A disk with less room than this is full."""

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Patience:
    """Calls again what a server that is away did not answer, or what a full disk did not take.

    What was called may have been done before the connection broke. A trial that was started twice
    so has no worker, and is found as any other that was lost; one that was ended twice is ended.
    SQLite undoes what did not fit.

    Args:
        tell: Is told when the waiting begins, and when it is over.
        seconds: How long to wait for a server at most.
        file: Of an SQLite database; room on its disk is waited for as long as it takes.

    Attributes:
        interrupted: Says whether somebody has asked for an end; that ends the waiting.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        seconds: float = PATIENCE_SECONDS,
        file: Path | None = None,
    ) -> None:
        self._tell, self._seconds, self._file = tell, seconds, file
        self.interrupted: Callable[[], bool] = lambda: False

    def __call__(self, call: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
        """The same call, which waits; what else goes wrong is raised at once."""

        @wraps(call)
        def waiting(*given: _Given.args, **named: _Given.kwargs) -> _Answer:
            try:
                return call(*given, **named)
            except Exception as error:
                if not self._passes(error):
                    raise
                answer = self._again(lambda: call(*given, **named), error)
            self._tell("the storage answers again")
            return answer

        return waiting

    def teach(self, storage: "BaseStorage") -> None:
        """Make every call of a storage patient."""
        from optuna.storages import BaseStorage

        for name in dir(BaseStorage):
            if not name.startswith("_"):
                setattr(storage, name, self(getattr(storage, name)))

    def _passes(self, error: Exception) -> bool:
        """Whether an error is one that time, or a person who makes room, may mend."""
        return is_away(error) or self._has_no_room(error)

    def _has_no_room(self, error: Exception) -> bool:
        # Where there is room, some other limit was met, and it says so with the same words.
        return self._file is not None and is_full(error) and _free(self._file) < ROOM_BYTES

    def _again(self, call: Callable[[], _Answer], error: Exception) -> _Answer:
        deadline = inf if self._has_no_room(error) else time.monotonic() + self._seconds
        self._tell(self._problem(error))
        while True:
            try:
                return call()
            except Exception as again:
                if not self._passes(again) or time.monotonic() >= deadline:
                    raise
                if self.interrupted():
                    raise KeyboardInterrupt from again
            time.sleep(PAUSE_SECONDS)

    def _problem(self, error: Exception) -> str:
        if self._file is None or not self._has_no_room(error):
            return f"the storage does not answer: waiting for it, {self._seconds:g} s at most"
        return (
            f"no room on the disk for {self._file}: {_free(self._file) / 1e6:.1f} MB are free, "
            f"{ROOM_BYTES / 1e6:.1f} MB are needed; the study waits until there is room, and "
            "Ctrl-C ends the run"
        )


def is_full(error: BaseException) -> bool:
    """Whether SQLite found no room, or could not write, which may be the same."""
    from sqlalchemy.exc import OperationalError

    # Optuna wraps what SQLAlchemy raises.
    cause = error if isinstance(error, OperationalError) else error.__cause__
    words = str(cause.orig).lower() if isinstance(cause, OperationalError) else ""
    return "disk is full" in words or "disk i/o error" in words


def _free(file: Path) -> int:
    return shutil.disk_usage(file.parent).free


def is_away(error: BaseException) -> bool:
    """Whether a server has broken a connection, or takes none at the moment."""
    from sqlalchemy.exc import DBAPIError, OperationalError

    # Optuna wraps what SQLAlchemy raises.
    cause = error if isinstance(error, DBAPIError) else error.__cause__
    if not isinstance(cause, DBAPIError):
        return False
    return cause.connection_invalidated or (
        isinstance(cause, OperationalError) and _refuses(cause.orig)
    )


def _refuses(error: BaseException | None) -> bool:
    """psycopg: no connection, which has no state, or a server that starts or shuts down."""
    state = getattr(error, "sqlstate", "of another driver")
    return state is None or str(state).startswith(("08", "57P"))
