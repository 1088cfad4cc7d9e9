"""A network layer by layer."""

from collections.abc import Iterator
from dataclasses import dataclass

from autoae.models.blocks import FeatureStack
from autoae.models.costs import count_flops, parameters
from autoae.models.network import Network
from autoae.spec.blocks import Block, Shape


@dataclass(frozen=True)
class LayerSummary:
    """One row of the summary.

    Attributes:
        name: Its dotted name in the network, as in the file of its weights.
        notation: The layer as text.
        outputs: Shape that it gives.
        params: Trainable numbers.
        flops: Floating-point operations of one image, forward.
    """

    name: str
    notation: str
    outputs: Shape
    params: int
    flops: int


def summarize(network: Network) -> tuple[LayerSummary, ...]:
    """Every layer of encoder, latent, decoder, bridge and head, in this order.

    An encoder of another package that is no `FeatureStack` is one row.
    """
    flops = count_flops(network).of_module
    return tuple(
        LayerSummary(
            name,
            " > ".join(block.notation for block in blocks),
            blocks[-1].outputs,
            parameters(network.get_submodule(name)),
            flops.get(name, 0),
        )
        for name, blocks in _rows(network)
    )


def _rows(network: Network) -> Iterator[tuple[str, tuple[Block, ...]]]:
    plan = network.plan
    if isinstance(network.encoder, FeatureStack):
        yield from _each("encoder", plan.encoder)
    else:
        yield "encoder", plan.encoder
    if plan.to_latent:
        yield "to_latent", (plan.to_latent,)
    yield from _each("decoder", plan.decoder)
    if plan.bridge:
        yield "bridge", (plan.bridge.block,)
    yield from _each("head", plan.head)


def _each(part: str, blocks: tuple[Block, ...]) -> Iterator[tuple[str, tuple[Block, ...]]]:
    for number, block in enumerate(blocks):
        yield f"{part}.{number}", (block,)
