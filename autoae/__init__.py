"""autoae: a question about a network in one short file, an answer with evidence.

study = autoae.load_study("digits-hybrid")
result = study.best_model()(images)
"""

from pathlib import Path
from typing import TYPE_CHECKING

from autoae.version import __version__

if TYPE_CHECKING:
    from autoae.inference.model import Model
    from autoae.library import Study

__all__ = ["__version__", "load_model", "load_study"]


# The rooms behind are imported when they are needed: every command imports this package.
def load_study(name: str, storage: str | None = None) -> "Study":
    """Find a study of a storage, see `autoae.library.Study`.

    Args:
        name: Of the study.
        storage: The URL of the storage; AUTOAE_STORAGE or OPTUNA_STORAGE unless given, else
            `sqlite:///storage/autoae.db`.

    Raises:
        StudyNotFound: With the nearest name.
        StorageError: The storage cannot be read.
    """
    from autoae.library import load_study as load

    return load(name, storage)


def load_model(path: str | Path) -> "Model":
    """Load a trained network, see `autoae.inference.model.Model`.

    Args:
        path: A run folder of a trial, the folder of a model, or its `best.safetensors`.

    Raises:
        WeightsError: There is no model, or its files are damaged, changed or of another network.
    """
    from autoae.inference.model import load_model as load

    return load(path)
