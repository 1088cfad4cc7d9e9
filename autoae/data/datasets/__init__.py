"""The data sets that a study file may name: one file each, found by its name.

Other packages add theirs through the entry point group `autoae.datasets`; each entry names an
object that satisfies `autoae.data.source.DataSet`.
"""

from importlib.metadata import entry_points

from autoae.data.datasets.cifar10 import CIFAR10
from autoae.data.datasets.digits import DIGITS
from autoae.data.datasets.double_mnist import DOUBLE_MNIST
from autoae.data.datasets.fashion_mnist import FASHION_MNIST
from autoae.data.datasets.folder import FOLDER
from autoae.data.datasets.mnist import MNIST
from autoae.data.source import DataSet
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest

BUILT_IN: tuple[DataSet, ...] = (DIGITS, MNIST, FASHION_MNIST, CIFAR10, DOUBLE_MNIST, FOLDER)


def registered_datasets() -> dict[str, DataSet]:
    """Every data set by its name: ours first, then those of other packages."""
    ours = {dataset.name: dataset for dataset in BUILT_IN}
    theirs = {point.name: point.load() for point in entry_points(group="autoae.datasets")}
    return {**ours, **{name: dataset for name, dataset in theirs.items() if name not in ours}}


def dataset_named(name: str) -> DataSet:
    """The data set of a name.

    Raises:
        SpecError: There is none; the message says which name is nearest.
    """
    known = registered_datasets()
    if name not in known:
        raise SpecError(f"unknown data set {name!r}; {nearest(name, known)}", key="data.dataset")
    return known[name]
