"""What the layers of an encoder see in a few images, small enough to keep."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

IMAGES, LAYERS, CHANNELS, SIDE = 3, 8, 8, 48
"""At most so many images, layers, channels of a layer, and pixels on a side: 0.4 MB."""


def feature_maps(features: tuple[Tensor, ...]) -> dict[str, NDArray[np.uint8]]:
    """Pictures of the first feature maps, by `features_1` and so on, the number of the layer.

    Of each layer those channels that vary most over the images, in their order. Each channel is
    spread over 0 to 255 by itself, so brightness tells places apart, and neither channels nor
    layers. Large maps are averaged down.

    Args:
        features: What each layer of an encoder gives; flat ones are left out.

    Returns:
        uint8, (images, channels, height, width) each.
    """
    maps = [(number, each) for number, each in enumerate(features, start=1) if each.ndim == 4]
    return {f"features_{number}": _pictures(each[:IMAGES]) for number, each in maps[:LAYERS]}


def _pictures(maps: Tensor) -> NDArray[np.uint8]:
    height, width = (min(SIDE, side) for side in maps.shape[2:])
    small = functional.adaptive_avg_pool2d(maps.float(), (height, width))
    lively = small.transpose(0, 1).flatten(1).std(dim=1, correction=0)
    chosen = small[:, lively.topk(min(CHANNELS, len(lively))).indices.sort().values]
    low, high = chosen.amin((0, 2, 3), keepdim=True), chosen.amax((0, 2, 3), keepdim=True)
    # A channel that never changes stays dark.
    unit = (chosen - low) / torch.where(high > low, high - low, 1)
    levels: NDArray[np.uint8] = (unit * 255).round().byte().cpu().numpy()
    return levels
