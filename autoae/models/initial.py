"""Initial weights."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

_WEIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "kaiming": partial(nn.init.kaiming_normal_, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
    "normal": partial(nn.init.normal_, std=0.01),
}

Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
Place = str
"""Where a block stands in a network, such as `encoder 0`."""


@contextmanager
def random_state_of(seed: int) -> Iterator[None]:
    """Draw from a seed within, and leave the random state outside as it was.

    Weights are drawn on the CPU, so that a seed means the same on every device; the generators
    of other devices are not touched at all, which `torch.manual_seed` would do.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield


def initialize(module: nn.Module, scheme: str) -> None:
    """Draw the weights of linear and convolution layers anew, with biases of zero.

    `default` leaves what torch has drawn. `xavier` is uniform (Glorot and Bengio, 2010),
    `kaiming` normal with the gain of ReLU (He et al., 2015), `orthogonal` after Saxe et al.,
    2014, `normal` has deviation 0.01.
    """
    if scheme == "default":
        return
    for layer in _layers(module):
        _WEIGHTS[scheme](layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def initialize_by_place(block: nn.Module, scheme: str, seed: int, place: Place) -> None:
    """Draw the weights of one block from a seed that only its place and the seed decide.

    Networks that differ somewhere so begin with the same weights wherever the same shape stands
    in the same place, and a comparison of the two is one of what differs.
    """
    with random_state_of(seed_of(seed, place)):
        for layer in _layers(block):
            layer.reset_parameters()
        initialize(block, scheme)


def seed_of(seed: int, place: Place) -> int:
    """A seed for one place, far from those of other places and seeds."""
    words = [seed, zlib.crc32(place.encode())]
    return int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0])


def _layers(module: nn.Module) -> Iterator[Layer]:
    return (layer for layer in module.modules() if isinstance(layer, Layer))
