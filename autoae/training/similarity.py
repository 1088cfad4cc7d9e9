"""How alike two images look."""

import torch
from torch import Tensor
from torch.nn import functional

WINDOW = 11
DEVIATION = 1.5
"""The Gaussian window of the paper: 11 pixels on a side, standard deviation 1.5 pixels."""

_STABILITY = (0.01**2, 0.03**2)
"""The paper's constants for images whose values span 1."""


def structural_similarity(pictures: Tensor, truth: Tensor) -> Tensor:
    """The mean structural similarity (SSIM) of each image, 1 for equal ones.

    Wang, Bovik, Sheikh and Simoncelli, Image Quality Assessment: From Error Visibility to
    Structural Similarity, 2004: local means, variances and covariance under a Gaussian window
    that lies wholly inside the image; averaged over its places and the channels. Images smaller
    than the window get one of the largest odd size that fits, with the same deviation.

    Args:
        pictures: (N, C, H, W) in 0-1 units.
        truth: The same shape.

    Returns:
        (N,).
    """
    channels = truth.shape[1]
    window = _window(min(WINDOW, _odd(min(truth.shape[2:]))), channels).to(truth)

    def local(values: Tensor) -> Tensor:
        return functional.conv2d(values, window, groups=channels)

    mean, true_mean = local(pictures), local(truth)
    variances = local(pictures**2) - mean**2 + local(truth**2) - true_mean**2
    covariance = local(pictures * truth) - mean * true_mean
    first, second = _STABILITY
    likeness = (2 * mean * true_mean + first) * (2 * covariance + second)
    scale = (mean**2 + true_mean**2 + first) * (variances + second)
    return (likeness / scale).mean(dim=(1, 2, 3))


def _odd(size: int) -> int:
    """The largest odd number up to a size."""
    return size - 1 + size % 2


def _window(size: int, channels: int) -> Tensor:
    """(channels, 1, size, size) in float64, each of sum 1."""
    places = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    weights = torch.exp(-(places**2) / (2 * DEVIATION**2))
    square = torch.outer(weights, weights)
    return (square / square.sum()).expand(channels, 1, size, size)
