"""Jigsaws: images cut in a grid, their pieces shuffled, for a network to put together.

After Noroozi and Favaro, 2016 (Unsupervised Learning of Visual Representations by Solving Jigsaw
Puzzles), but that the picture is reconstructed, not the permutation classified.
"""

from typing import Self

import torch
from torch import Tensor

from autoae.models.initial import seed_of
from autoae.spec.config import Configuration


class Jigsaw:
    """Shuffles the pieces of images, those of each image in an order of its own.

    One order for a whole batch would make each step learn a single arrangement; orders for each
    image cost no more.

    Args:
        grid: Pieces on a side.
        seed: The same one gives the same orders.
    """

    def __init__(self, grid: int, seed: int) -> None:
        self._grid = grid
        self._generator = torch.Generator().manual_seed(seed)

    @classmethod
    def of_epoch(cls, configuration: Configuration, epoch: int) -> Self:
        """For the training images of one epoch.

        Its orders follow from seed and epoch alone: there is nothing to keep in a checkpoint, and
        batches and initial weights are those of the same network without a jigsaw.
        """
        seed = seed_of(configuration.training.seed, f"jigsaw {epoch}")
        return cls(configuration.loss.jigsaw_grid, seed)

    @classmethod
    def of_validation(cls, configuration: Configuration) -> Self:
        """The same puzzles in every epoch and for every seed, so that figures compare."""
        return cls(configuration.loss.jigsaw_grid, 0)

    def shuffle(self, images: Tensor) -> Tensor:
        """The images (N, C, H, W) with their pieces in other places.

        Height and width are multiples of the grid; others are refused when a study is created.
        """
        grid, (count, channels, height, width) = self._grid, images.shape
        piece = (height // grid, width // grid)
        cut = images.reshape(count, channels, grid, piece[0], grid, piece[1])
        pieces = cut.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
        rows = torch.arange(count, device=images.device)[:, None]
        mixed = pieces[rows, self._orders(count).to(images.device)]
        placed = mixed.view(count, grid, grid, channels, *piece).permute(0, 3, 1, 4, 2, 5)
        return placed.reshape(images.shape)

    def _orders(self, count: int) -> Tensor:
        """(count, pieces): the places that the pieces of each image come from."""
        return torch.rand(count, self._grid**2, generator=self._generator).argsort(1)
