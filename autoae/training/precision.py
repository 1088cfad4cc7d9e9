"""Numbers of 32 bits, or bfloat16 with channels last, where that is faster."""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from autoae.models import Network
from autoae.models.costs import costs
from autoae.spec.config import TrainingOptions
from autoae.training.probe import bfloat16_probe

Precision = Literal["float32", "bfloat16"]

WORTHWHILE_FLOPS = 6e8
"""Forward floating-point operations of a batch from which bfloat16 can pay.

Measured with convolutional autoencoders of 28 x 28 to 64 x 64 pixels, one thread of a Zen 4
core: 0.9 to 1.07 times the speed of float32 up to 4e8, 1.12 to 1.19 from 5e8 to 7e8, 1.3 to 1.5
from 1e9 on, 1.9 for a hybrid of 6e9.
"""


def precision_for(network: Network, options: TrainingOptions, device: torch.device) -> Precision:
    """What the options ask for; with `auto`, what is fastest here for this network.

    `auto` takes bfloat16 only on a machine that was measured to gain by it, and only for
    networks of convolutions with enough work in a batch.
    """
    if options.precision != "auto":
        return options.precision
    if device.type == "mps" or not _has_convolutions(network):
        return "float32"
    if costs(network).flops * options.batch_size < WORTHWHILE_FLOPS:
        return "float32"
    return "bfloat16" if bfloat16_probe(device).pays else "float32"


def _has_convolutions(network: nn.Module) -> bool:
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    return any(isinstance(module, kinds) for module in network.modules())


def prepare(network: Network, precision: Precision) -> None:
    """Lay the weights out as the precision wants them; their values and type stay.

    The sigmoid of the output works in float32 in any case: near 1, bfloat16 has steps of
    0.004, and a probability that becomes 1 costs 100 in the cross-entropy of a dark pixel.
    """
    if precision == "float32":
        return
    lay_out(network, precision)
    for module in _outputs(network):
        module.register_forward_pre_hook(_in_float32)


def lay_out(network: Network, precision: Precision) -> None:
    """Put the numbers of each weight into the order that convolutions in a precision want."""
    if precision == "bfloat16":
        network.to(memory_format=torch.channels_last)


def _outputs(network: Network) -> Iterator[nn.Module]:
    """The activation of the reconstruction, if it is a sigmoid."""
    if network.decoder is not None:
        yield from (part for part in network.decoder[-1].children() if isinstance(part, nn.Sigmoid))


def _in_float32(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(values.float() for values in inputs)
