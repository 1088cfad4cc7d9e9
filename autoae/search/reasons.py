"""What went wrong in a worker, as it is told."""

from pathlib import Path

from autoae.data.errors import CacheFull
from autoae.search.messages import Unwritten
from autoae.spec.errors import UserError
from autoae.spec.files import FULL, UnwrittenError


def unwritten_of(error: Exception, folder: Path) -> Unwritten | None:
    """The file that an error is about, where it is about one that could not be written.

    Args:
        error: Of a training.
        folder: Where a file belongs of which the system does not say the name.
    """
    if isinstance(error, CacheFull):
        return Unwritten(error.entry, error.needed)
    if isinstance(error, UnwrittenError):
        return Unwritten(Path(error.filename), error.needed, error.errno in FULL)
    if isinstance(error, OSError) and error.errno in FULL:
        return Unwritten(Path(error.filename or folder))
    return None


def reason_of(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, UserError):
        return error.message
    if isinstance(error, UnwrittenError):
        return f"{error.filename} could not be written: {error.strerror}"
    line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
