"""Tell which objects each image holds: how many of each class, or which classes."""

import torch
from torch import Tensor
from torch.nn import functional

from autoae.spec.config import Configuration
from autoae.training.tasks.base import Task


def task(configuration: Configuration) -> Task:
    """An image is right where every class is."""
    if configuration.model.digits == "counts":
        return Task("digits_exact", _count_error, _rounded, _counts)
    return Task("digits_exact", _share_error, _likely, _present)


def _counts(labels: Tensor) -> Tensor:
    return labels


def _count_error(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.mse_loss(outputs, labels.to(outputs.dtype))


def _rounded(outputs: Tensor) -> Tensor:
    return outputs.clamp(min=0).round().long()


def _present(labels: Tensor) -> Tensor:
    return (labels > 0).long()


def _share_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with equal shares of the classes that are there.

    Of an image that holds none, all classes have the same share: none stands out.
    """
    present = _present(labels).to(logits.dtype)
    whole = torch.where(present.sum(1, keepdim=True) == 0, torch.ones_like(present), present)
    return functional.cross_entropy(logits, whole / whole.sum(1, keepdim=True))


def _likely(logits: Tensor) -> Tensor:
    """The set of classes whose equal shares are nearest to the probabilities.

    The k most probable classes are a candidate for every k, and no class at all, whose shares
    are equal. All classes at once have those shares too, and are taken for none.
    """
    probabilities, order = logits.softmax(1).sort(dim=1, descending=True)
    classes = logits.shape[1]
    sizes = torch.arange(1, classes + 1, device=logits.device)
    # Squared distance to 1/k on the first k: sum p² - 2/k * (sum of the first k) + 1/k; the first
    # term is the same for every k.
    distances = (1 - 2 * probabilities.cumsum(1)) / sizes
    chosen = sizes[distances.argmin(1)] % classes
    ranked = (torch.arange(classes, device=logits.device) < chosen[:, None]).long()
    return torch.zeros_like(ranked).scatter(1, order, ranked)
