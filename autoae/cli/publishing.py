"""What draws a study for the dashboard."""

import threading
import time
from typing import TYPE_CHECKING

from autoae.cli.opened import command
from autoae.store.runs import run_root
from autoae.store.storage import sqlite_file
from autoae.store.studies import load_study, study_spec

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from autoae.views.dashboard.publish import Publisher

ROUND_SECONDS = 5.0
"""How often to look for what is out of date."""


def publisher(
    backend: "BaseStorage", url: str, name: str, storage: str | None, best: int | None = None
) -> "Publisher":
    """What draws a study of an open storage.

    Args:
        backend: The storage.
        url: Its URL.
        name: Of the study.
        storage: As the user gave it, for the commands that notes name.
        best: How many trials get pictures; as many as usual unless given.

    Raises:
        StorageError: Another program created the study.
    """
    from autoae.views.dashboard.publish import BEST, Place, Publisher

    study = load_study(backend, name)
    place = Place(
        backend,
        study,
        study_spec(study),
        run_root(url),
        lambda words: command(words, storage),
        alone=sqlite_file(url) is not None,
    )
    return Publisher(place, BEST if best is None else best)


def catch_up(drawn: "Publisher", stop: threading.Event) -> float:
    """Bring everything of a study up to date; says how many CPU seconds that took.

    Args:
        drawn: The study.
        stop: Set to leave the rest.
    """
    start = time.thread_time()
    for step in drawn.steps():
        if stop.is_set():
            break
        step.do()
    return time.thread_time() - start
