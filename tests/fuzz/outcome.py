"""What may become of a case: it works, or the user is told what and where. Nothing else."""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, settings

from autoae.spec.errors import UserError

CASES = int(os.environ.get("AUTOAE_FUZZ_CASES", "120"))
"""Of all tests together; `make fuzz` asks for many more."""

_tried = 0


def fuzzed(share: float) -> settings:
    """As many examples as a share of all cases; the same ones every time in the short form."""
    return settings(
        max_examples=max(1, round(share * CASES)),
        deadline=None,
        derandomize="AUTOAE_FUZZ_CASES" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def works_or_tells(action: Callable[[], object], place: str) -> bool:
    """Try a case.

    Args:
        action: What a user would do.
        place: What the message must name: a file, an option, or a position.

    Returns:
        Whether it worked.
    """
    global _tried  # noqa: PLW0603 - counted over all tests of the process.
    _tried += 1
    told = _told(action)
    assert told is None or (place in str(told) and told.message)
    return told is None


def _told(action: Callable[[], object]) -> UserError | None:
    try:
        action()
    except UserError as error:
        return error
    return None


def tried() -> int:
    """Cases so far, in this process."""
    return _tried
