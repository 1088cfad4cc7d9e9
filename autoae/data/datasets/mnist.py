"""MNIST: LeCun, Cortes, Burges."""

from autoae.data.idx_dataset import IdxDataSet
from autoae.data.images import Facts

MNIST = IdxDataSet(
    name="mnist",
    summary="handwritten digits",
    known=Facts("mnist", (1, 28, 28), tuple("0123456789"), 60_000, 10_000),
    torchvision="MNIST",
)
