"""Random changes of training images, one draw for every image.

The draws of a whole epoch are made at once from one generator, so an epoch is reproducible and
a GPU is not interrupted at every batch.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

PADDING = 4
"""Pixels by which `crop` may move an image in any direction."""


@dataclass(frozen=True, eq=False)
class Draws:
    """What happens to each image of an epoch.

    Attributes:
        flips: (N,) bool, mirrored or not; None without `flip`.
        offsets: (N, 2), 0 to 8 rows and columns from the corner of the padded image, 4 being
            where it was; None without `crop`.
    """

    flips: Tensor | None
    offsets: Tensor | None

    def between(self, start: int, stop: int) -> "Draws":
        """The draws of the images from `start` to before `stop`."""
        return self._each(lambda values: values[start:stop])

    def picked(self, places: Tensor) -> "Draws":
        """The draws of the images in some places, (M,)."""
        return self._each(lambda values: values[places])

    def to(self, device: torch.device) -> "Draws":
        """The same on a device."""
        return self._each(lambda values: values.to(device))

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Draws":
        return Draws(
            None if self.flips is None else change(self.flips),
            None if self.offsets is None else change(self.offsets),
        )


def joined(draws: Sequence[Draws]) -> Draws:
    """Draws of the same kinds, one after the other."""
    flips = [each.flips for each in draws if each.flips is not None]
    offsets = [each.offsets for each in draws if each.offsets is not None]
    return Draws(torch.cat(flips) if flips else None, torch.cat(offsets) if offsets else None)


def draw(augment: Collection[str], count: int, generator: torch.Generator) -> Draws:
    """Draw for one epoch.

    Args:
        augment: Any of "flip" and "crop".
        count: Images of the epoch.
        generator: The source of all randomness, and where the draws are.
    """
    source = generator.device
    flips = offsets = None
    if "flip" in augment:
        flips = torch.rand(count, generator=generator, device=source) < 0.5
    if "crop" in augment:
        size = (count, 2)
        offsets = torch.randint(2 * PADDING + 1, size, generator=generator, device=source)
    return Draws(flips, offsets)


def augmented(images: Tensor, draws: Draws) -> Tensor:
    """Apply the draws to a batch.

    Args:
        images: (N, C, H, W) uint8.
        draws: For these N images.

    Returns:
        (N, C, H, W) uint8.
    """
    if draws.flips is not None:
        images = flipped(images, draws.flips)
    if draws.offsets is not None:
        images = moved(images, draws.offsets)
    return images


def flipped(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the chosen images left to right.

    Args:
        images: (N, C, H, W).
        chosen: (N,) bool.
    """
    count = len(images)
    # Picking whole images from both versions is several times faster than `torch.where`.
    both = torch.cat([images, images.flip(-1)])
    rows = torch.arange(count, device=images.device) + count * chosen
    return both.index_select(0, rows)


def moved(images: Tensor, offsets: Tensor) -> Tensor:
    """Pad every image with 4 black pixels and cut it out again at its offset.

    The random crop of He et al. 2016, arXiv:1512.03385, section 4.2.

    Args:
        images: (N, C, H, W).
        offsets: (N, 2) whole numbers from 0 to 8: rows and columns; (4, 4) changes nothing.
    """
    count, channels, height, width = images.shape
    padded = functional.pad(images, (PADDING,) * 4)
    # Every line of the result is a window of the padded images laid out as one long line: one
    # selection of windows, twice as fast as gathering pixels.
    line, plane = padded.shape[3], padded.shape[2] * padded.shape[3]
    planes = torch.arange(count * channels, device=images.device).view(count, channels, 1) * plane
    lines = torch.arange(height, device=images.device) + offsets[:, :1]
    starts = planes + (lines * line + offsets[:, 1:])[:, None, :]
    windows = padded.view(-1).unfold(0, width, 1)
    return windows.index_select(0, starts.view(-1)).view(images.shape)
