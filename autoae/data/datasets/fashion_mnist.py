"""Fashion-MNIST: Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747."""

from autoae.data.idx_dataset import IdxDataSet
from autoae.data.images import Facts

_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

FASHION_MNIST = IdxDataSet(
    name="fashion-mnist",
    summary="clothes and shoes",
    known=Facts("fashion-mnist", (1, 28, 28), _CLASSES, 60_000, 10_000),
    torchvision="FashionMNIST",
)
