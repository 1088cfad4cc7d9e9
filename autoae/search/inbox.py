"""What people have asked of a study, as its coordinator hears of it while workers train."""

import time

from optuna import Study

from autoae.store.requests import POLL_SECONDS, Requests, requests_of


class Inbox:
    """Reads the requests now and then, at the cost of one small query.

    Args:
        study: Whose they are.
        before: The requests when the run began.
    """

    def __init__(self, study: Study, before: Requests) -> None:
        self._study = study
        self._before = before
        self._requests = before
        self._read = time.monotonic()

    def read(self) -> Requests:
        """What is asked now, no older than `POLL_SECONDS`."""
        if time.monotonic() - self._read >= POLL_SECONDS:
            self._requests = requests_of(self._study)
            self._read = time.monotonic()
        return self._requests

    @property
    def stop(self) -> bool:
        """Whether a stop was asked for since the run began."""
        return self._requests.stop != self._before.stop

    @property
    def paused(self) -> bool:
        """Whether no trial may be started."""
        return self._requests.paused is not None
