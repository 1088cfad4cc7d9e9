"""Mean and deviation per channel, from sums that the cache keeps for every image."""

import numpy as np

from autoae.data.images import Bytes, Floats, Integers
from autoae.spec.config import DataOptions

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def moments_of(images: Bytes) -> Integers:
    """Sum and sum of squares of the bytes of every image and channel.

    Kept an image, so that the statistics of any selection of images are exact and cost nothing.

    Args:
        images: (N, C, H, W).

    Returns:
        (N, 2, C).
    """
    wide = images.astype(np.int64)
    return np.stack([wide.sum((2, 3)), (wide * wide).sum((2, 3))], axis=1)


def statistics(moments: Integers, pixels: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each channel in 0-1 units, each (C,).

    Args:
        moments: (N, 2, C) of the images that count.
        pixels: Pixels of one image.
    """
    total, squares = moments.sum(0).astype(np.float64) / (len(moments) * pixels)
    deviation = np.sqrt(np.maximum(squares - total**2, 0.0)) / 255
    # A channel that never changes is only shifted: there is nothing to scale.
    deviation[deviation == 0] = 1.0
    return (total / 255).astype(np.float32), deviation.astype(np.float32)


def normalization(options: DataOptions, moments: Integers, pixels: int) -> tuple[Floats, Floats]:
    """What `data.normalize` subtracts and divides by, each (C,) in 0-1 units.

    Args:
        options: The `data` section of the study.
        moments: (N, 2, C) of the images that are trained on.
        pixels: Pixels of one image.
    """
    if options.normalize == "dataset":
        return statistics(moments, pixels)
    if options.normalize == "imagenet":
        return np.array(IMAGENET_MEAN, np.float32), np.array(IMAGENET_STD, np.float32)
    channels = moments.shape[2]
    return np.zeros(channels, np.float32), np.ones(channels, np.float32)
