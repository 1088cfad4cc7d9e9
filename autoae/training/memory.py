"""How much memory of a GPU a training will take, estimated before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Self

import torch
from torch import Tensor

from autoae.models import Network, outline
from autoae.spec.blocks import Shape
from autoae.spec.config import Configuration, ModelOptions
from autoae.training.batches import images_at_once
from autoae.training.look import Look
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
    """Of a training alone: weights, gradients, optimizer, best weights, activations.

    The activations are those of a step, or of as many images that are validated on, where these
    take more; that more of them are looked at as long as there is room, is left out.
    """
    network = outline(configuration.model, image, classes)
    passed = Pass.of(network, _part(configuration, parts))
    held = _held(network, configuration) + _looks(network)
    return held + max(passed.trained, passed.seen)


def validated_at_once(members: Sequence[Member]) -> int:
    """Images of a batch that each of these members, which are alike, validates on.

    All together look at no fewer than they train on at a time: for so many there is memory, in
    which training holds what autograd keeps as well. Beyond that they look at `images_at_once`, in
    as many parts as their own batches, and on a GPU at no more than fit by estimate. So where
    memory is short validation gives way before training does, whose batches decide what is learned.
    """
    first, many = members[0], len(members)
    plan, options = first.network.plan, first.configuration
    trained = many * _part(options, first.parts)
    wanted = -(-images_at_once(plan.image, first.device) // first.parts)
    free = free_bytes(first.device)
    if free is not None and trained < wanted:
        each = _seen_bytes(options.model, plan.image, plan.classes)
        wanted = min(wanted, int(_SAFE * free) // each)
    return max(trained, wanted) // many


@lru_cache(maxsize=16)
def _seen_bytes(model: ModelOptions, image: Shape, classes: int) -> int:
    """Of one image that is looked at, rounded up."""
    size = 16
    return -(-Pass.of(outline(model, image, classes), size).seen // size)


def stacked_bytes(
    configuration: Configuration, image: Shape, classes: int, *, replayed: bool = False
) -> int:
    """Of each member of a stack: its row there, what that was before the epoch, and its best epoch.

    A CUDA graph keeps the memory of its step for itself. The steps that are made beside it, of the
    last batch and for the first comparison, and validation need as much once more; the comparison
    keeps the state from before the step, and from after it.
    """
    network = outline(configuration.model, image, classes)
    kept = _kept(configuration)
    rows = 6 + 2 * kept + (2 * (1 + kept) if replayed else 0)
    activations = Pass.of(network, configuration.training.batch_size).trained
    return _weights(network) * rows + _looks(network) + activations * (2 if replayed else 1)


@dataclass(frozen=True)
class Pass:
    """What a batch takes on its way through a network, in bytes.

    It is counted on the meta device: shapes alone, in a few milliseconds.

    Attributes:
        images: Its images.
        outputs: Reconstruction and logits.
        features: What the layers of the encoder give, which are kept with the outputs.
        kept: What autograd keeps for the way back.
        largest: The largest tensor of that.
    """

    images: int
    outputs: int
    features: int
    kept: int
    largest: int

    @classmethod
    def of(cls, network: Network, size: int) -> Self:
        """That of so many images.

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
        given = (each for each in (output.reconstruction, output.logits) if each is not None)
        return cls(
            _bytes(images),
            sum(map(_bytes, given)),
            sum(map(_bytes, output.features)),
            sum(kept.values()),
            max(kept.values(), default=0),
        )

    @property
    def trained(self) -> int:
        """There and back, with the gradients of one layer's inputs and outputs, and targets."""
        return self.kept + 2 * self.largest + self.images + 2 * self.outputs

    @property
    def seen(self) -> int:
        """Without autograd.

        Input and output of one layer at a time, and what a residual block adds to them; then
        pictures, what they are compared with, and their errors.
        """
        return self.features + 3 * self.largest + self.images + 4 * self.outputs


def _place(tensor: Tensor) -> int:
    """The same for views of the same numbers, though on the meta device these have no address."""
    return int(tensor.untyped_storage()._cdata)


def _bytes(tensor: Tensor) -> int:
    return prod(tensor.shape) * tensor.element_size()


def _weights(network: Network) -> int:
    return _NUMBER * sum(weight.numel() for weight in network.parameters())


def _held(network: Network, configuration: Configuration) -> int:
    """Weights, their gradients, the best ones, what a step makes of them, and optimizer."""
    return _weights(network) * (4 + _kept(configuration))


def _looks(network: Network) -> int:
    """The latents that are kept of the best epoch and of the one that is looked at, at most."""
    return 2 * _NUMBER * Look.at(network).keep * prod(network.plan.latent)


def _part(configuration: Configuration, parts: int) -> int:
    """Images that pass at once in training."""
    return -(-configuration.training.batch_size // parts)


def _kept(configuration: Configuration) -> int:
    """Numbers that the optimizer keeps for each weight."""
    return len(RULES[configuration.training.optimizer].arrays)
