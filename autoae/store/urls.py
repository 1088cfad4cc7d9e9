"""Which storage is meant, and how its URL may be shown."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from autoae.store.errors import StorageError

DEFAULT_URL = "sqlite:///storage/autoae.db"
ENVIRONMENT = ("AUTOAE_STORAGE", "OPTUNA_STORAGE")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
# The password ends at the last @ before the path, for it may itself hold an @.
_PASSWORD = re.compile(r"(?<=://)([^/:@]*):([^/]*)@")


def storage_url(given: str | None) -> str:
    """The URL of the storage: as given, else from the environment, else the default.

    Args:
        given: What the user named, or None.

    Raises:
        StorageError: It is no URL, or a database that ends with the process.
    """
    named = [given, *(os.environ.get(name) for name in ENVIRONMENT)]
    url = next((name for name in named if name), DEFAULT_URL)
    if not _SCHEME.match(url):
        raise StorageError(
            f"{url!r} is no storage URL; expected one such as {DEFAULT_URL}",
            hint=f"for an SQLite file write sqlite:///{url}",
        )
    if url.startswith("sqlite") and sqlite_file(url) is None:
        raise StorageError(
            "an SQLite database in memory ends with the command that fills it",
            hint=f"name a file, such as {DEFAULT_URL}",
        )
    return url


def shown_url(url: str) -> str:
    """The URL with its password hidden, for every message and table."""
    return _PASSWORD.sub(r"\1:***@", url)


def password_of(url: str) -> str:
    """The password inside a URL as it is written there, or an empty string."""
    match = _PASSWORD.search(url)
    return match[2] if match else ""


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; None for other databases and for databases in memory."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] != "sqlite":
        return None
    name = unquote(rest.partition("?")[0].removeprefix("/")).removeprefix("file:")
    return None if name in ("", ":memory:") else Path(name)
