"""The plan of a network: every block with its shapes, known before anything is built."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from autoae.spec import mirror
from autoae.spec.blocks import Block, Shape, Style, block_of, chain, linear
from autoae.spec.bridge import Bridge, plan_bridge
from autoae.spec.config import ModelOptions
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.notation import Layer, joined, parse
from autoae.spec.tasks import outputs_of


@dataclass(frozen=True)
class NetworkPlan:
    """A network as shapes and numbers.

    Attributes:
        image: (channels, height, width) of what it takes.
        classes: That the data set has.
        encoder: The blocks from the image to the feature.
        encoder_notation: They as text.
        to_latent: From the feature to a flat latent; None if the feature is the latent.
        latent: Its shape.
        decoder: The blocks from the latent to the reconstruction, those that undo `to_latent`
            included; empty is none.
        head: The blocks from the latent to the logits; empty is none.
        init: How weights begin.
        bridge: From the first feature to the head, past the latent; None is none.
    """

    image: Shape
    classes: int
    encoder: tuple[Block, ...]
    encoder_notation: str
    to_latent: Block | None
    latent: Shape
    decoder: tuple[Block, ...]
    head: tuple[Block, ...]
    init: str
    bridge: Bridge | None = None

    @property
    def notation(self) -> str:
        """Encoder and latent, a plus and the bridge, a bar and the head, as far as they are."""
        latent = [self.to_latent.notation] if self.to_latent else []
        encoding = " > ".join([self.encoder_notation, *latent])
        bridged = f"{encoding} + {self.bridge.block.notation}" if self.bridge else encoding
        return " | ".join(filter(None, [bridged, joined(block.notation for block in self.head)]))


def plan_network(model: ModelOptions, image: Shape, classes: int) -> NetworkPlan:
    """Work out a network for the images of a data set.

    Args:
        model: What the study file says of it.
        image: (channels, height, width).
        classes: That the data set has.

    Raises:
        Unbuildable: With the key of the part that does not fit, and why.
        SpecError: A decoder or head is not in notation.
    """
    style = style_of(model)
    encoder = model.encoder.blocks(image, style)
    to_latent = _to_latent(model, encoder[-1].outputs)
    latent = to_latent.outputs if to_latent else encoder[-1].outputs
    decoder = _decoder(model, encoder, to_latent, style)
    bridge = _bridge(model, encoder, latent, style)
    head = _head(model, bridge.joined(latent) if bridge else latent, classes, style)
    if not (decoder or head):
        raise Unbuildable(
            "neither a decoder nor a head: there is nothing to train",
            key="model",
            hint="set `decoder: mirror`, or `task: classify`",
        )
    text = model.encoder.notation(encoder)
    return NetworkPlan(
        image, classes, encoder, text, to_latent, latent, decoder, head, model.init, bridge
    )


def style_of(model: ModelOptions) -> Style:
    """What the layers of a network have in common."""
    return Style(
        model.activation, model.slope, model.batch_norm, model.dropout, model.dropout_after
    )


def _to_latent(model: ModelOptions, feature: Shape) -> Block | None:
    if isinstance(model.latent, int):
        return linear(feature, (model.latent,))
    if model.latent == "spatial" and len(feature) == 1:
        raise Unbuildable(
            f"the encoder ends flat, with {feature[0]} units: it gives no spatial latent",
            key="model.latent",
            hint="end the encoder with a convolution, or set `latent: encoder`",
        )
    return None


def _decoder(
    model: ModelOptions, encoder: tuple[Block, ...], to_latent: Block | None, style: Style
) -> tuple[Block, ...]:
    if model.decoder == "none":
        return ()
    latent = [to_latent] if to_latent else []
    style = replace(style, activation=model.decoder_activation or model.activation)
    if model.decoder == "mirror":
        blocks = mirror.mirrored([*encoder, *latent], style, model.up)
    else:
        blocks = _written_decoder(model, [*encoder, *latent], style)
    *hidden, last = blocks
    return (*hidden, mirror.as_output(last, "sigmoid" if model.output == "sigmoid" else None))


def _written_decoder(
    model: ModelOptions, encoding: Sequence[Block], style: Style
) -> tuple[Block, ...]:
    layers = parsed(model.decoder, mirror.KEY)
    last = encoding[-1]
    start: tuple[Block, ...] = ()
    if layers[0].symbol in "CS" and len(last.outputs) == 1 and len(last.inputs) == 3:
        start = mirror.mirrored([last], style, model.up)
    inputs = start[-1].outputs if start else last.outputs
    grown = mirror.written(layers, inputs, style, model.up)
    return mirror.fitted((*start, *grown), encoding[0].inputs)


def _bridge(
    model: ModelOptions, encoder: tuple[Block, ...], latent: Shape, style: Style
) -> Bridge | None:
    if model.bridge is None:
        return None
    return plan_bridge(model.bridge, encoder[0].outputs, latent, style)


def _head(model: ModelOptions, latent: Shape, classes: int, style: Style) -> tuple[Block, ...]:
    if model.task == "none":
        return _no_head(model.head)
    outputs = outputs_of(model, classes)
    layers = parsed(model.head, "model.head") if model.head else (Layer("L", True, outputs),)
    _check_head(layers, latent, outputs)
    blocks = chain(layers, latent, partial(block_of, style=style), key="model.head")
    return tuple(replace(block, batch_norm=block.batch_norm and _normed(block)) for block in blocks)


def _normed(block: Block) -> bool:
    """Convolutions and residual blocks of a head are normalised, not its few linear layers."""
    return len(block.outputs) == 3 or block.op == "residual"


def _no_head(head: str | None) -> tuple[Block, ...]:
    if head is not None:
        raise Unbuildable(
            "a head without a task", key="model.head", hint="set `task: classify` or leave it out"
        )
    return ()


def _check_head(layers: Sequence[Layer], latent: Shape, outputs: int) -> None:
    if layers[0].symbol in "CS" and len(latent) == 1:
        raise Unbuildable("a head of convolutions needs `latent: spatial`", key="model.head")
    last = layers[-1]
    if (last.symbol, last.plain, last.width) != ("L", True, outputs):
        what = "the number alone" if outputs == 1 else "one output for each class"
        raise Unbuildable(
            f"it must end with L'({outputs}), {what}, not with {last}",
            key="model.head",
        )


def parsed(text: str, key: str) -> tuple[Layer, ...]:
    """The layers of a decoder or head.

    Raises:
        SpecError: It is not in notation; with its key.
    """
    try:
        return parse(text)
    except SpecError as error:
        raise SpecError(error.message, hint=error.hint, key=key) from None
