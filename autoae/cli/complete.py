"""What the shell may complete: names from files, without torch or optuna, never a word printed.

Every import that costs time waits in its function: this module is part of every command.
"""

from contextlib import suppress
from pathlib import Path


def preset(incomplete: str) -> list[str]:
    """Presets that begin so."""
    from autoae.spec.presets import preset_names

    return [name for name in preset_names() if name.startswith(incomplete)]


def source(incomplete: str) -> list[str]:
    """Presets and study files that begin so."""
    folder = Path(incomplete).parent if "/" in incomplete else Path()
    paths = sorted(str(path) for path in folder.glob("*.y*ml"))
    return preset(incomplete) + [path for path in paths if path.startswith(incomplete)]


def dataset(incomplete: str) -> list[str]:
    """Data sets that begin so."""
    from autoae.data.datasets import registered_datasets

    return [name for name in registered_datasets() if name.startswith(incomplete)]


def study(incomplete: str) -> list[str]:
    """Studies that begin so in the storage that the environment names."""
    from autoae.store.errors import StorageError
    from autoae.store.listing import study_names
    from autoae.store.urls import sqlite_file, storage_url

    with suppress(StorageError):
        url = storage_url(None)
        # Another database than a file might take seconds to answer: nothing is offered.
        if sqlite_file(url) is not None:
            return [name for name in study_names(url) if name.startswith(incomplete)]
    return []


def source_or_trial(incomplete: str) -> list[str]:
    """Presets, study files, and studies as the beginning of STUDY:TRIAL."""
    return source(incomplete) + trial(incomplete)


def trial(incomplete: str) -> list[str]:
    """Studies as the beginning of STUDY:TRIAL."""
    return [f"{name}:" for name in study(incomplete)]
