"""How much memory of a GPU a training will take, estimated before it begins."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from autoae.models import Network, outline
from autoae.spec.blocks import Shape
from autoae.spec.config import Configuration
from autoae.training.member import Member
from autoae.training.stacks.rules import RULES

_NUMBER = 4
"""Bytes of float32. In bfloat16 activations take half, so that the estimate is on the safe side."""
_SAFE = 0.9
"""The share of the free memory that is used: allocators cut it in pieces."""


def free_bytes(device: torch.device) -> int | None:
    """What a training could take; None on a CPU, whose system lends more than there is.

    On a GPU that is what is free there, but no more than is left of the share of this process
    (`take_seat`): what is free now may be meant for others, who ask at the same moment.
    """
    if device.type != "cuda":
        return None
    reserved, allocated = torch.cuda.memory_reserved(device), torch.cuda.memory_allocated(device)
    free, total = torch.cuda.mem_get_info(device)
    share = int(total * torch.cuda.get_per_process_memory_fraction(device.index))
    return max(0, min(free, share - reserved)) + reserved - allocated


def how_many_fit(members: Sequence[Member], *, replayed: bool) -> int:
    """How many of these members, which are alike, one stack may have at a time; 0 if not even one.

    Args:
        members: On their device, where their own weights lie already.
        replayed: Whether its steps are a CUDA graph.
    """
    first = members[0]
    free = free_bytes(first.device)
    if free is None:
        return len(members)
    plan = first.network.plan
    need = stacked_bytes(first.configuration, plan.image, plan.classes, replayed=replayed)
    return min(len(members), int(_SAFE * free) // need)


def parts_that_fit(
    configuration: Configuration, image: Shape, classes: int, device: torch.device
) -> int:
    """In how many parts a batch has to pass, 1 where it fits as a whole.

    Where not even parts of two images fit, these are tried all the same.
    """
    free = free_bytes(device)
    parts, size = 1, configuration.training.batch_size
    while free is not None and 2 * parts <= size // 2:
        if alone_bytes(configuration, image, classes, parts) <= _SAFE * free:
            break
        parts *= 2
    return parts


def alone_bytes(configuration: Configuration, image: Shape, classes: int, parts: int = 1) -> int:
    """Of a training alone: weights, gradients, optimizer, best weights, activations."""
    network = outline(configuration.model, image, classes)
    weights = _weights(network) * (4 + _kept(configuration))
    size = -(-configuration.training.batch_size // parts)
    return weights + activation_bytes(network, size)


def stacked_bytes(
    configuration: Configuration, image: Shape, classes: int, *, replayed: bool = False
) -> int:
    """Of each member of a stack: its row there, and what it has itself between epochs.

    A CUDA graph keeps the memory of its step for itself. The steps that are made beside it, of the
    last batch and for the first comparison, and validation need as much once more; the comparison
    keeps the state from before the step, and from after it.
    """
    network = outline(configuration.model, image, classes)
    kept = _kept(configuration)
    rows = 6 + 2 * kept + (2 * (1 + kept) if replayed else 0)
    activations = activation_bytes(network, configuration.training.batch_size)
    return _weights(network) * rows + activations * (2 if replayed else 1)


def activation_bytes(network: Network, size: int) -> int:
    """What autograd keeps of a batch between the passes, and what the passes need beside it.

    It is counted on the meta device: shapes alone, in a few milliseconds. The way back holds the
    gradients of one layer's inputs and outputs, so twice the largest tensor comes on top, and
    images, outputs and their targets once each.

    Args:
        network: Without numbers, from `outline`.
        size: Images of the batch.
    """
    images = torch.empty(size, *network.plan.image, device="meta")
    known = {_place(weight) for weight in network.parameters()}
    kept: dict[int, int] = {}

    def count(tensor: Tensor) -> Tensor:
        if _place(tensor) not in known:
            kept[_place(tensor)] = _bytes(tensor)
        return tensor

    network.train()
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        output = network(images)
    given = [each for each in (output.reconstruction, output.logits) if each is not None]
    beside = _bytes(images) + 2 * sum(map(_bytes, given))
    return sum(kept.values()) + 2 * max(kept.values(), default=0) + beside


def _place(tensor: Tensor) -> int:
    """The same for views of the same numbers, though on the meta device these have no address."""
    return int(tensor.untyped_storage()._cdata)


def _bytes(tensor: Tensor) -> int:
    return prod(tensor.shape) * tensor.element_size()


def _weights(network: Network) -> int:
    return _NUMBER * sum(weight.numel() for weight in network.parameters())


def _kept(configuration: Configuration) -> int:
    """Numbers that the optimizer keeps for each weight."""
    return len(RULES[configuration.training.optimizer].arrays)
