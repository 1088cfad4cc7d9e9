"""The data that a worker keeps, so that a trial begins at once."""

from autoae.data.loading import load
from autoae.data.resident import ResidentData, resident
from autoae.spec.config import DataOptions
from autoae.training import device_of

KEPT = 2
"""Data sets or variants at once: a study that searches the data options has a few."""


class Shelf:
    """Loads data when they are first asked for and keeps the last ones."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], ResidentData] = {}

    def data(self, options: DataOptions, device: str) -> ResidentData:
        """The data on a device.

        Args:
            options: Which data, and what is done to them.
            device: As a study file names it.

        Raises:
            DataError: They are missing or damaged.
            TrainingError: This machine has no such device.
        """
        # The order of the batches is drawn anew for each training; the images are the same.
        key = (options.model_dump_json(exclude={"order_seed"}), device)
        # What was used last stands last.
        found = self._kept.pop(key, None) or resident(load(options), options, device_of(device))
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return found
