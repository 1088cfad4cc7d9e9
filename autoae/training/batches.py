"""How many images pass at once where none is trained on: one rule for all who look at many."""

import torch

from autoae.spec.blocks import Shape

MOST_ON_CPU = 512
"""Images: of 128 to 2048 the fastest."""
PIXELS_ON_CPU = 2**20
"""Of a batch: 512 images of up to 45 x 45, 20 of 224 x 224, which would take gigabytes."""
PIXELS_ON_GPU = 2**21
"""Of a batch, where few launches matter more: 2,048 images of 32 x 32, 41 of 224 x 224."""


def images_at_once(image: Shape, device: torch.device) -> int:
    """Images of a batch that a network only looks at, wherever it was trained.

    A training validates on so many as well, unless memory asks for others: see
    `autoae.training.memory.validated_at_once`.

    Args:
        image: (channels, height, width).
        device: Where the network is.
    """
    _, height, width = image
    if device.type == "cuda":
        return max(1, PIXELS_ON_GPU // (height * width))
    return max(1, min(MOST_ON_CPU, PIXELS_ON_CPU // (height * width)))
