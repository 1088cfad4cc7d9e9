"""Initial weights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

_WEIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "kaiming": partial(nn.init.kaiming_normal_, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
    "normal": partial(nn.init.normal_, std=0.01),
}


@contextmanager
def random_state_of(seed: int) -> Iterator[None]:
    """Draw from a seed within, and leave the random state outside as it was.

    Weights are drawn on the CPU, so that a seed means the same on every device; the generators
    of other devices are not touched at all, which `torch.manual_seed` would do.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield


def initialize(network: nn.Module, scheme: str) -> None:
    """Draw the weights of linear and convolution layers anew, with biases of zero.

    `default` leaves what torch has drawn. `xavier` is uniform (Glorot and Bengio, 2010),
    `kaiming` normal with the gain of ReLU (He et al., 2015), `orthogonal` after Saxe et al.,
    2014, `normal` has deviation 0.01.
    """
    if scheme == "default":
        return
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            _WEIGHTS[scheme](module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
