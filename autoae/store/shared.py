"""Files that several machines share: in a directory that all of them see, or in a bucket of S3.

A database carries no weights and pictures. Where run folders lie beside it, on one machine, nothing
is needed; else AUTOAE_ARTIFACTS names the place, on every machine the same.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from autoae.store.errors import StorageError

if TYPE_CHECKING:
    from optuna.artifacts import Boto3ArtifactStore

ENVIRONMENT = "AUTOAE_ARTIFACTS"


@dataclass(frozen=True)
class Bucket:
    """A place in S3, or in whatever speaks its language.

    Attributes:
        name: Of the bucket.
        prefix: What every key begins with; empty, or it ends with a slash.
    """

    name: str
    prefix: str

    def store(self) -> "Boto3ArtifactStore":
        """Optuna's artifact store for it; boto3 takes address and keys as it always does.

        Raises:
            StorageError: boto3 is missing, or knows no region or address.
        """
        from optuna.artifacts import Boto3ArtifactStore

        try:
            return Boto3ArtifactStore(self.name)
        except ImportError as error:
            reason = f"{ENVIRONMENT} names a bucket of S3, and boto3 is not installed"
            raise StorageError(reason, hint="pip install 'autoae[s3]'") from error
        except ValueError as error:
            raise StorageError(f"boto3 cannot use the bucket {self.name}: {error}") from error


def shared_place() -> Path | Bucket | None:
    """What AUTOAE_ARTIFACTS names; None where it names nothing.

    Raises:
        StorageError: It is neither a directory nor a bucket.
    """
    named = os.environ.get(ENVIRONMENT)
    if not named:
        return None
    if "://" not in named:
        return Path(named)
    parts = urlsplit(named)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
        # What stands before an @ may be a key: it is not repeated.
        raise StorageError(
            f"{ENVIRONMENT} names no place for files; expected a directory or s3://BUCKET/PREFIX",
            hint="keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, another address "
            "into AWS_ENDPOINT_URL",
        )
    prefix = parts.path.strip("/")
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "")
