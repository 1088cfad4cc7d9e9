"""One pass through a network in the precision that was chosen for it."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from autoae.models import Network, Output
from autoae.training.precision import Precision


def forward(
    network: Network,
    images: Tensor,
    precision: Precision,
    *,
    reconstruct: bool = True,
    classify: bool = True,
) -> Output:
    """What the network gives; reconstruction, logits and latent are float32 whatever it used.

    Args:
        network: Its weights are float32 in every precision.
        images: Normalised, (N, C, H, W).
        precision: As `precision_for` says.
        reconstruct: False leaves the decoder out.
        classify: False leaves the head out.
    """
    arrangement = arranged(images, precision)
    return passed(network, arrangement, precision, reconstruct=reconstruct, classify=classify)


def passed(
    network: Callable[..., Output],
    images: Tensor,
    precision: Precision,
    *,
    reconstruct: bool,
    classify: bool,
) -> Output:
    """The same of images that lie as they shall, through whatever is called as a network is."""
    if precision == "float32":
        return network(images, reconstruct=reconstruct, classify=classify)
    # Weights that are cast are not kept: under a CUDA graph they would be those of its capture.
    with torch.autocast(images.device.type, torch.bfloat16, cache_enabled=False):
        output = network(images, reconstruct=reconstruct, classify=classify)
    return replace(
        output,
        reconstruction=_float32(output.reconstruction),
        logits=_float32(output.logits),
        latent=output.latent.float(),
    )


def solve(network: Network, puzzle: Tensor | None, precision: Precision) -> Tensor | None:
    """What the network reconstructs of images in shuffled pieces, (N, C, H, W); of None, None."""
    if puzzle is None:
        return None
    return forward(network, puzzle, precision, classify=False).reconstruction


def arranged(images: Tensor, precision: Precision) -> Tensor:
    """The same images in the memory format that convolutions of that precision want."""
    if precision == "float32":
        return images
    return images.contiguous(memory_format=torch.channels_last)


def arranged_together(images: Tensor, precision: Precision) -> Tensor:
    """The same for images of several networks, (networks, N, C, H, W), that pass under `vmap`.

    It makes one convolution of theirs, with the channels of all beside each other: these lie last.
    To bring them there costs a copy in any case.
    """
    if precision == "float32":
        return images
    return images.permute(1, 3, 4, 0, 2).contiguous().permute(3, 0, 4, 1, 2)


def _float32(values: Tensor | None) -> Tensor | None:
    return None if values is None else values.float()
