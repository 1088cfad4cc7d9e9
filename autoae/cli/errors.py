"""From an exception to one message, the next step and an exit code."""

import errno
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from autoae.spec.errors import UserError


class ExitCode(IntEnum):
    """What the command tells the shell."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


@dataclass(frozen=True)
class Report:
    """What the user gets to see of an exception.

    Attributes:
        code: The exit code.
        message: What is wrong, in one sentence.
        hint: What to do next, or an empty string.
    """

    code: ExitCode
    message: str
    hint: str = ""


Describe = Callable[[BaseException], tuple[str, str]]


def _own(error: BaseException) -> tuple[str, str]:
    return str(error), error.hint if isinstance(error, UserError) else ""


def _interrupted(_error: BaseException) -> tuple[str, str]:
    return "interrupted", ""


def _system(error: BaseException) -> tuple[str, str]:
    assert isinstance(error, OSError)
    reason = error.strerror or type(error).__name__
    place = error.filename if error.filename is not None else ""
    return (f"{place}: {reason}" if place else reason), _SYSTEM_HINTS.get(error.errno or 0, "")


def _database(error: BaseException) -> tuple[str, str]:
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return f"the storage does not answer: {reason}", "check the URL with `autoae doctor`"


def _unexpected(error: BaseException) -> tuple[str, str]:
    text = str(error).partition("\n")[0]
    name = type(error).__name__
    return f"unexpected {name}: {text}" if text else f"unexpected {name}", _DEBUG_HINT


_DEBUG_HINT = "this is a defect of autoae; AUTOAE_DEBUG=1 shows where it happened"
_SYSTEM_HINTS = {
    errno.ENOSPC: "free some space, then continue with `autoae study run`",
    errno.EACCES: "choose another place with --storage, or mend its permissions",
    errno.EROFS: "choose another place with --storage",
}

# In order: the first class that an exception belongs to answers for it. By name, because the
# database packages must not be imported for the sake of an error that may never come.
_ANSWERS: tuple[tuple[str, ExitCode, Describe], ...] = (
    ("autoae.spec.errors.SpecError", ExitCode.USAGE, _own),
    ("autoae.spec.errors.UserError", ExitCode.FAILED, _own),
    ("builtins.KeyboardInterrupt", ExitCode.INTERRUPTED, _interrupted),
    ("builtins.OSError", ExitCode.FAILED, _system),
    ("sqlalchemy.exc.SQLAlchemyError", ExitCode.FAILED, _database),
    ("builtins.BaseException", ExitCode.FAILED, _unexpected),
)


def report_of(error: BaseException) -> Report:
    """The message, hint and exit code for an exception."""
    names = {f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__}
    for name, code, describe in _ANSWERS:
        if name in names:
            return Report(code, *describe(error))
    raise AssertionError("every exception is a BaseException")


def trace(error: BaseException) -> str:
    """The traceback where AUTOAE_DEBUG=1 asks for it, else an empty string."""
    if os.environ.get("AUTOAE_DEBUG", "0") in ("", "0"):
        return ""
    return "".join(traceback.format_exception(error))
