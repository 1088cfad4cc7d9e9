"""Which data sets there are, and which of them are on this machine."""

from dataclasses import dataclass

from autoae.data.datasets import dataset_named, registered_datasets
from autoae.data.errors import cache_errors
from autoae.data.images import Facts
from autoae.data.roots import download_root
from autoae.data.source import DataSet, Source
from autoae.spec.config import DataOptions
from autoae.spec.errors import UserError


@dataclass(frozen=True)
class Listing:
    """One line of `autoae data list`.

    Attributes:
        name: As study files say it.
        summary: What it is.
        known: Its published facts, or None where they depend on the user's files.
        shown: The name of what was found ("cifar10 (JPEG copy)"), or an empty string.
        place: Where it was found, or an empty string.
        how: How to get it, or an empty string where it was found.
    """

    name: str
    summary: str
    known: Facts | None
    shown: str
    place: str
    how: str


def available() -> tuple[Listing, ...]:
    """Every registered data set; found or not, without reading any image."""
    return tuple(_listed(dataset) for dataset in registered_datasets().values())


def fetch(name: str) -> str:
    """Download a data set into the user's cache, unless the original is on this machine.

    Returns:
        Where it is.

    Raises:
        SpecError: No such data set.
        DataError: There is nothing to download, or it failed.
    """
    dataset = dataset_named(name)
    if (found := _found(dataset)) is not None:
        return found.place
    root = download_root()
    with cache_errors(root):
        root.mkdir(parents=True, exist_ok=True)
    dataset.fetch(root)
    return dataset.find(DataOptions(dataset=name)).place


def _found(dataset: DataSet) -> Source | None:
    """The original; a copy goes by another name, and does not keep from fetching."""
    try:
        source = dataset.find(DataOptions(dataset=dataset.name))
    except UserError:
        return None
    return source if source.name == dataset.name else None


def _listed(dataset: DataSet) -> Listing:
    try:
        source = dataset.find(DataOptions(dataset=dataset.name))
    except UserError as error:
        return Listing(dataset.name, dataset.summary, dataset.known, "", "", error.hint)
    return Listing(dataset.name, dataset.summary, dataset.known, source.name, source.place, "")
