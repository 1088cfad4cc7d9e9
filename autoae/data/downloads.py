"""Downloads, from the sources that torchvision knows and checks."""

from http.client import HTTPException
from pathlib import Path

from filelock import FileLock

from autoae.data.errors import DataError


def download(dataset: str, root: Path) -> None:
    """Download a data set of torchvision into a torchvision root.

    Args:
        dataset: The name of its class in `torchvision.datasets`.
        root: An existing directory.

    Raises:
        DataError: The network or the disk refuses, or the files are not what they should be.
    """
    # Seconds to import, and of use for nothing else in this room.
    from torchvision import datasets

    try:
        with FileLock(root / f"{dataset}.lock"):
            getattr(datasets, dataset)(root, download=True)
    except (OSError, RuntimeError, HTTPException) as error:
        raise DataError(
            f"could not download {dataset} into {root}: {' '.join(str(error).split())}",
            hint="check the network; without one, copy the files from another machine and set "
            "AUTOAE_DATA_DIR to their directory",
        ) from error
