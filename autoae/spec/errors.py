"""What a user can mend: one message with place, what was expected and what to do next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class UserError(ValueError):
    """A mistake or a circumstance that the user can mend.

    Attributes:
        message: What is wrong and what was expected, in one sentence.
        hint: What to do next, or an empty string.
        key: The dotted key of the study file that is to blame, or an empty string.
        place: File and line, or the command-line option, of that key, once it is known.
    """

    def __init__(self, message: str, *, hint: str = "", key: str = "", place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.key = key
        self.place = place

    def __str__(self) -> str:
        start = ": ".join(part for part in (self.place, self.key) if part)
        return f"{start}: {self.message}" if start else self.message


class SpecError(UserError):
    """The study file, or an option that overrides it, says something that cannot be."""


class Unbuildable(SpecError):
    """One configuration, though each of its values is allowed, describes no network."""


@contextmanager
def placed(locate: Callable[[str], str]) -> Iterator[None]:
    """Add the place of its key to a mistake that comes to light in the block.

    Args:
        locate: Gives file and line, or option, of a dotted key.

    Raises:
        UserError: The same one.
    """
    try:
        yield
    except UserError as error:
        if error.key and not error.place:
            error.place = locate(error.key)
        raise
