"""What people have asked of the coordinators of a study, as they read it: one small query.

The requests are attributes of the study. They stay when no coordinator runs, and to ask twice is
to ask once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from autoae.store.attributes import PAUSED, PRUNE, STOP

if TYPE_CHECKING:
    from optuna import Study

POLL_SECONDS = 1.0
"""How often a coordinator reads them."""
OBEYED_SECONDS = 5
"""After at most so long it has obeyed, as people are told."""


@dataclass(frozen=True)
class Requests:
    """What was asked of a study, by whomever, up to now.

    Attributes:
        paused: Since when no trial is started, or None.
        stop: When a stop was last asked for, or None. It binds the coordinators that run then;
            they compare it with what it was when they began, for clocks differ.
        prune: The trials that shall end.
    """

    paused: datetime | None = None
    stop: float | None = None
    prune: frozenset[int] = frozenset()


def requests_of(study: "Study") -> Requests:
    """Read what was asked; no trial is loaded."""
    return requests_from(study.user_attrs)


def requests_from(attributes: Mapping[str, object]) -> Requests:
    """What was asked, from the user attributes of a study."""
    paused, stop = attributes.get(PAUSED), attributes.get(STOP)
    numbers = (name.removeprefix(PRUNE) for name in attributes if name.startswith(PRUNE))
    return Requests(
        paused=datetime.fromtimestamp(paused) if isinstance(paused, int | float) else None,
        stop=stop if isinstance(stop, int | float) else None,
        prune=frozenset(int(number) for number in numbers if number.isdecimal()),
    )
