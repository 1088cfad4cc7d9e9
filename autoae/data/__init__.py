"""Images: found, decoded once into a cache that all processes share, split and normalised.

`autoae.data.resident` and `autoae.data.augment` need PyTorch; nothing else here does.
"""

from autoae.data.datasets import registered_datasets
from autoae.data.errors import DataError, MissingData
from autoae.data.images import Facts, ImageData, Split
from autoae.data.listing import Listing, available, fetch
from autoae.data.loading import facts, load, sizes
from autoae.data.source import DataSet, Originals, Pictures, Source

__all__ = [
    "DataError",
    "DataSet",
    "Facts",
    "ImageData",
    "Listing",
    "MissingData",
    "Originals",
    "Pictures",
    "Source",
    "Split",
    "available",
    "facts",
    "fetch",
    "load",
    "registered_datasets",
    "sizes",
]
