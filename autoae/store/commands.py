"""What a monitor may ask of the coordinators of a study: a note on the study that they read."""

import time
from typing import TYPE_CHECKING

from autoae.store.attributes import COMMAND

if TYPE_CHECKING:
    from optuna import Study

POLL_SECONDS = 2
"""How often a coordinator reads the note."""


def request_stop(study: "Study") -> None:
    """Ask every coordinator of a study to stop as after one Ctrl-C: nothing is lost.

    It binds the coordinators that run now; a later run is not kept from starting.
    """
    study.set_user_attr(COMMAND, {"command": "stop", "at": time.time()})


def stop_requested(study: "Study", since: float) -> bool:
    """Whether somebody has asked for a stop after a moment.

    Args:
        study: Asked for its attributes only, not for its trials.
        since: Seconds since 1970; when the coordinator started.
    """
    command = study.user_attrs.get(COMMAND)
    if not isinstance(command, dict) or command.get("command") != "stop":
        return False
    at = command.get("at")
    return isinstance(at, int | float) and at >= since
