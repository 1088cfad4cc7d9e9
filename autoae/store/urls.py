"""Which storage is meant, and how its URL may be shown."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from autoae.store.errors import StorageError

DEFAULT_URL = "sqlite:///storage/autoae.db"
ENVIRONMENT = ("AUTOAE_STORAGE", "OPTUNA_STORAGE")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
# The password ends at the last @, for it may itself hold an @ or a slash: rather too much is
# hidden than too little.
_PASSWORD = re.compile(r"(?<=://)([^/:@]*):(.*)@")
_IN_QUERY = re.compile(r"(?i)(?<=[?&])(\w*(?:password|passwd|pwd))=([^&#]*)")


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
        # What stands before an @ may be a password, also where a slash is missing.
        shown = re.sub(r"(?s).*@", "***@", url)
        raise StorageError(
            f"{shown!r} is no storage URL; expected one such as {DEFAULT_URL}",
            hint=f"for an SQLite file write sqlite:///{shown}",
        )
    if url.startswith("sqlite") and sqlite_file(url) is None:
        raise StorageError(
            "an SQLite database in memory ends with the command that fills it",
            hint=f"name a file, such as {DEFAULT_URL}",
        )
    return url


def shown_url(url: str) -> str:
    """The URL with its passwords hidden, for every message and table."""
    return _IN_QUERY.sub(r"\1=***", _PASSWORD.sub(r"\1:***@", url))


def passwords_of(url: str) -> tuple[str, ...]:
    """The passwords inside a URL as a database may repeat them, the longest first."""
    found = [match[2] for pattern in (_PASSWORD, _IN_QUERY) for match in pattern.finditer(url)]
    # SQLAlchemy ends a password at the first @, and hands it on decoded.
    found += [word.partition("@")[0] for word in found]
    found += [unquote(word) for word in found]
    return tuple(sorted({word for word in found if word}, key=lambda word: (-len(word), word)))


def handed_on(storage: str | None) -> tuple[list[str], dict[str, str]]:
    """How a process that is started here learns of a storage: words, and its environment.

    Everybody on a machine reads the words of a process, so a password is in the environment only.

    Args:
        storage: As the user gave it, or None: as the environment names it.
    """
    if storage is None:
        return [], dict(os.environ)
    words = [] if passwords_of(storage) else ["--storage", storage]
    return words, {**os.environ, ENVIRONMENT[0]: storage}


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; None for other databases and for databases in memory."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] != "sqlite":
        return None
    name = unquote(rest.partition("?")[0].removeprefix("/")).removeprefix("file:")
    return None if name in ("", ":memory:") else Path(name)
