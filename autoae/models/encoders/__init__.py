"""The modules of the encoders, found by the name that their options have in `autoae.spec`.

Other packages add theirs through the entry point group `autoae.encoder_modules`: a function that
takes the blocks of the plan and gives a module whose `forward` gives a tuple of features.
"""

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points

from torch import nn

from autoae.models.encoders import backbones, conv, mlp
from autoae.spec.blocks import Block
from autoae.spec.encoders.backbones import BACKBONES
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest

EncoderBuilder = Callable[[tuple[Block, ...]], nn.Module]

BUILT_IN: dict[str, EncoderBuilder] = {
    "mlp": mlp.build,
    "conv": conv.build,
    **{kind: partial(backbones.build, kind) for kind in BACKBONES},
}


def encoder_builder(kind: str) -> EncoderBuilder:
    """What builds the module of an encoder.

    Raises:
        SpecError: A package has options for this kind but no module.
    """
    if kind in BUILT_IN:
        return BUILT_IN[kind]
    theirs = {point.name: point for point in entry_points(group="autoae.encoder_modules")}
    if kind not in theirs:
        raise SpecError(
            f"encoder {kind!r} has options but no module; {nearest(kind, {**theirs, **BUILT_IN})}",
            key="model.encoder.kind",
            hint="its package must name one in the entry point group `autoae.encoder_modules`",
        )
    builder: EncoderBuilder = theirs[kind].load()
    return builder
