"""What a database says when something is wrong, in one sentence with the next step."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from autoae.store.errors import StorageError
from autoae.store.urls import passwords_of, shown_url

_PACKAGES = {
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
}
"""By the module that is imported, where the package is called otherwise."""

# What the databases say, in lower case, and what a person can do about it.
_HINTS = (
    ("disk is full", "free some space, then continue with `autoae study run`"),
    ("disk i/o error", "free some space, then continue with `autoae study run`"),
    ("readonly", "mend the permissions of the file and its directory, or name another --storage"),
    ("unable to open", "mend the permissions of the directory, or name another --storage"),
    ("not a database", "the file is something else: name another --storage"),
    ("malformed", "the file is damaged: restore a backup, or name another --storage"),
    ("locked", "another program holds the database: end it, then try again"),
    ("no such column", "a newer Optuna has changed its tables: `pip install -U optuna autoae`"),
    ("password", "check user and password of the URL"),
)
_ELSE = "check the URL with `autoae doctor`"


@contextmanager
def storage_errors(url: str) -> Iterator[None]:
    """Turn what a database raises inside the block into one StorageError.

    Args:
        url: The storage that is used inside the block.

    Raises:
        StorageError: Without the password, with the next step as its hint.
    """
    try:
        yield
    except StorageError:
        raise
    except ImportError as error:
        raise _missing_driver(url, error) from error
    except Exception as error:
        if not is_database_error(error):
            raise
        raise described(error, url) from error


def is_database_error(error: BaseException) -> bool:
    """Whether an exception comes from the database below Optuna."""
    # By name: whoever only lists studies shall not have to import optuna.
    names = {f"{cls.__module__}.{cls.__name__}" for cls in type(error).__mro__}
    known = {
        "sqlalchemy.exc.SQLAlchemyError",
        "sqlite3.Error",
        "optuna.exceptions.StorageInternalError",
    }
    return bool(names & known) or _is_other_version(error)


def described(error: BaseException, url: str) -> StorageError:
    """One sentence and one hint for an error of the database."""
    if type(error).__name__ in ("NoSuchModuleError", "ArgumentError"):
        return _unknown_kind(url)
    if _is_other_version(error):
        reason, hint = _other_version(str(error), url)
    else:
        reason = _reason(error, url)
        hint = next((hint for words, hint in _HINTS if words in reason.lower()), _ELSE)
    return StorageError(f"cannot use the storage {shown_url(url)}: {reason}", hint=hint)


def _reason(error: BaseException, url: str) -> str:
    while not hasattr(error, "orig") and error.__cause__ is not None:
        error = error.__cause__
    text = str(getattr(error, "orig", None) or error).strip()
    for password in passwords_of(url):
        text = text.replace(password, "***")
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _is_other_version(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and "runtime optuna version" in str(error)


def _other_version(text: str, url: str) -> tuple[str, str]:
    """Optuna names a command only for tables that it can upgrade: older ones."""
    if "storage upgrade" in text:
        upgrade = shlex.join(["optuna", "storage", "upgrade", "--storage", shown_url(url)])
        return "its tables are those of an older Optuna", f"make a backup, then: {upgrade}"
    return "its tables are those of a newer Optuna", "pip install -U optuna autoae"


def _unknown_kind(url: str) -> StorageError:
    return StorageError(
        f"{shown_url(url)} names no kind of database that SQLAlchemy knows",
        hint="write sqlite:///FILE, postgresql://USER@HOST/NAME or mysql+pymysql://USER@HOST/NAME",
    )


def _missing_driver(url: str, error: ImportError) -> StorageError:
    # Optuna wraps the error that names the module.
    cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    module = cause.name or url.partition(":")[0]
    return StorageError(
        f"the module {module}, which {shown_url(url)} needs, is not installed",
        hint=f"pip install {_PACKAGES.get(module, module)}",
    )
