"""The same images, as a user of torchvision or scikit-learn hands them to a DataLoader."""

import os
from collections.abc import Callable
from dataclasses import replace

import torch
from cases import Item, cifar, to_tensor
from torch.utils.data import Dataset, Subset, TensorDataset
from torchvision import datasets

from autoae.data import ImageData
from autoae.data.images import Split

Pair = tuple[Dataset[Item], Dataset[Item]]
"""Those to train on, those to validate on."""


def pair(data: ImageData, dataset: str) -> Pair:
    """Of a data set by its name in study files."""
    return PAIRS[dataset](data)


def _idx(name: str) -> Callable[[ImageData], Pair]:
    """MNIST and its like: PIL images of torchvision's own class."""

    def of(data: ImageData) -> Pair:
        kind, root = getattr(datasets, name), os.environ["AUTOAE_DATA_DIR"]
        whole: Dataset[Item] = kind(root, train=True, transform=to_tensor("v1"))
        rows = (split.indices.tolist() for split in (data.train, data.validation))
        train, validation = (Subset(whole, each) for each in rows)
        return train, validation

    return of


def _cifar10(data: ImageData) -> Pair:
    """PIL images of an array, as torchvision's class has them; all are mirrored now and then."""
    return cifar(data, "v1"), cifar(replace(data, train=data.validation), "v1")


def _digits(data: ImageData) -> Pair:
    """They are an array in scikit-learn: two tensors."""

    def tensors(split: Split) -> Dataset[Item]:
        images, labels = (part[split.indices] for part in (split.images, split.labels))
        unit = torch.from_numpy(images).to(torch.float32) / 255
        return TensorDataset(unit, torch.from_numpy(labels))  # type: ignore[return-value]

    return tensors(data.train), tensors(data.validation)


PAIRS: dict[str, Callable[[ImageData], Pair]] = {
    "mnist": _idx("MNIST"),
    "fashion-mnist": _idx("FashionMNIST"),
    "cifar10": _cifar10,
    "digits": _digits,
}
