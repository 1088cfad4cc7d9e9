"""Images blurred by a Gaussian."""

import numpy as np

from autoae.data.images import Bytes


def blurred(images: Bytes, deviation: float) -> Bytes:
    """Blur images by a Gaussian that is cut off at four deviations; beyond an edge is its mirror.

    Args:
        images: (N, C, H, W).
        deviation: In pixels; 0 changes nothing.

    Returns:
        (N, C, H, W), rounded to whole bytes.
    """
    if deviation == 0:
        return images
    # A third of a second to import, needed only when the cache is built.
    from scipy.ndimage import gaussian_filter

    pixels = gaussian_filter(images.astype(np.float32), (0, 0, deviation, deviation))
    rounded: Bytes = np.rint(pixels).astype(np.uint8)
    return rounded
