"""Where the files of data sets are looked for, and where the cache is."""

import os
from pathlib import Path

from platformdirs import user_cache_dir


def cache_directory() -> Path:
    """The directory that autoae may write: AUTOAE_CACHE_DIR, else the user's cache."""
    named = os.environ.get("AUTOAE_CACHE_DIR")
    return Path(named or user_cache_dir("autoae", appauthor=False)).expanduser().absolute()


def download_root() -> Path:
    """Where `autoae data fetch` puts what it downloads."""
    return cache_directory() / "downloads"


def decoded_root() -> Path:
    """Where decoded images are kept; may be deleted at any time."""
    return cache_directory() / "decoded"


def data_roots() -> tuple[Path, ...]:
    """The directories that may hold data sets, in the order in which they are searched.

    AUTOAE_DATA_DIR names one that has them already and is never written.
    """
    named = os.environ.get("AUTOAE_DATA_DIR")
    theirs = (Path(named).expanduser().absolute(),) if named else ()
    return (*theirs, download_root())
