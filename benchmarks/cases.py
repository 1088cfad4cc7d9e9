"""The networks that are trained, and their images as a user of torchvision reads them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Subset
from torchvision import datasets, transforms
from torchvision.transforms import v2

from autoae.data import ImageData
from autoae.spec.config import Configuration

Item = tuple[Tensor, int]
Transform = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """A network to train.

    Attributes:
        name: As the table shows it.
        target: How many times the better DataLoader's throughput is asked for.
        tree: Its configuration; `data.limit` is the size of an epoch.
        theirs: The same images as a torchvision user reads them.
    """

    name: str
    target: float
    tree: dict[str, Any]
    theirs: Callable[[ImageData, str], Dataset[Item]]

    def configuration(self, precision: str) -> Configuration:
        """The configuration in some precision; all images of the subset are trained on."""
        data = {"validation": 0, **self.tree["data"]}
        training = {"epochs": 1000, "precision": precision, **self.tree.get("training", {})}
        return Configuration.model_validate({**self.tree, "data": data, "training": training})


class Arrays(Dataset[Item]):
    """Images in memory, read as torchvision's own CIFAR10 does: a PIL image, then transforms."""

    def __init__(self, data: ImageData, transform: Transform) -> None:
        rows = data.train.indices
        images = np.asarray(data.train.images)[rows]
        self.images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.labels: list[int] = data.train.labels[rows].tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> Item:
        return self.transform(Image.fromarray(self.images[row])), self.labels[row]


def mnist(data: ImageData, api: str) -> Dataset[Item]:
    """MNIST of torchvision, as many images."""
    root = os.environ["AUTOAE_DATA_DIR"]
    whole: Dataset[Item] = datasets.MNIST(root, train=True, transform=to_tensor(api))
    return Subset(whole, range(len(data.train)))


def cifar(data: ImageData, api: str) -> Dataset[Item]:
    """The same images of CIFAR-10, mirrored and normalised."""
    kit = v2 if api == "v2" else transforms
    normalize = kit.Normalize(data.mean.tolist(), data.std.tolist())
    together: Transform = kit.Compose([kit.RandomHorizontalFlip(), to_tensor(api), normalize])
    return Arrays(data, together)


def to_tensor(api: str) -> Transform:
    """From a PIL image to 0-1 numbers: the classic way, or the one torchvision recommends now."""
    classic: Transform = transforms.ToTensor()
    recommended: Transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    return classic if api == "v1" else recommended


CASES = (
    Case(
        "conv autoencoder 32-32-64, latent 32, MNIST",
        1.5,
        {
            "data": {"dataset": "mnist", "limit": 6400},
            "model": {"encoder": "S(32,k4,p1) > S(32,k4,p1) > S(64)", "latent": 32},
            "loss": {"reconstruction": "bce"},
        },
        mnist,
    ),
    Case(
        "MLP autoencoder 784-128-64-31, MNIST",
        5.0,
        {
            "data": {"dataset": "mnist", "limit": 12800},
            "model": {"encoder": "L(128) > L(64)", "latent": 31},
        },
        mnist,
    ),
    Case(
        "hybrid v4, CIFAR-10",
        1.4,
        {
            "data": {
                "dataset": "cifar10",
                "limit": 2560,
                "normalize": "imagenet",
                "augment": ["flip"],
            },
            "model": {
                "encoder": "C'(32) > C(32)",
                "latent": "spatial",
                "output": "linear",
                "task": "classify",
                "head": "C'(32) > C(64) > C(64) > L(512) > L(128) > L'(10)",
            },
            "training": {"optimizer": "momentum", "lr": 0.01, "weight_decay": 1e-4},
        },
        cifar,
    ),
)
