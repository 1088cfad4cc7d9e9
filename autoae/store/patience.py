"""A database server that is restarted is waited for: a run of hours shall survive that."""

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

PATIENCE_SECONDS = 600.0
"""After so long without an answer a run ends; the next one takes up what was running."""
_PAUSE_SECONDS = 1.0

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Patience:
    """Calls again what a server that is away did not answer.

    What was called may have been done before the connection broke. A trial that was started twice
    so has no worker, and is found as any other that was lost; one that was ended twice is ended.

    Args:
        tell: Is told when the waiting begins, and when it is over.
        seconds: How long to wait at most.
    """

    def __init__(self, tell: Callable[[str], None], seconds: float = PATIENCE_SECONDS) -> None:
        self._tell, self._seconds = tell, seconds

    def __call__(self, call: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
        """The same call, which waits; what else goes wrong is raised at once."""

        @wraps(call)
        def waiting(*given: _Given.args, **named: _Given.kwargs) -> _Answer:
            try:
                return call(*given, **named)
            except Exception as error:
                if not is_away(error):
                    raise
            answer = self._again(lambda: call(*given, **named))
            self._tell("the storage answers again")
            return answer

        return waiting

    def teach(self, storage: "BaseStorage") -> None:
        """Make every call of a storage patient."""
        from optuna.storages import BaseStorage

        for name in dir(BaseStorage):
            if not name.startswith("_"):
                setattr(storage, name, self(getattr(storage, name)))

    def _again(self, call: Callable[[], _Answer]) -> _Answer:
        deadline = time.monotonic() + self._seconds
        self._tell(f"the storage does not answer: waiting for it, {self._seconds:g} s at most")
        while True:
            try:
                return call()
            except Exception as error:
                if not is_away(error) or time.monotonic() >= deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)


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
