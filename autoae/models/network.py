"""One idea of a model: image, encoder, latent; from there a reconstruction, logits, or both."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autoae.models.blocks import FeatureStack, block_module, row
from autoae.models.bridge import BridgeModule
from autoae.models.encoders import encoder_builder
from autoae.models.initial import Place, initialize, initialize_by_place, random_state_of
from autoae.spec.blocks import Shape
from autoae.spec.config import ModelOptions
from autoae.spec.plan import NetworkPlan, plan_network


@dataclass(frozen=True)
class Output:
    """What a network gives for a batch.

    Attributes:
        reconstruction: (N, channels, height, width), or None without a decoder.
        logits: What the head gives, (N, outputs): as many as its task needs; None without a head.
        latent: (N, units) or (N, channels, height, width).
        features: What each layer of the encoder gives.
    """

    reconstruction: Tensor | None
    logits: Tensor | None
    latent: Tensor
    features: tuple[Tensor, ...]


class Network(nn.Module):
    """Encoder, and the decoder and head that its plan has.

    Attributes:
        plan: What it was built from.
        encoder: Gives a tuple of features.
        to_latent: From the last feature to the latent, or None if that is the latent.
        decoder: From the latent to the reconstruction, or None.
        bridge: Joins the first features to the latent that the head takes, or None.
        head: From the latent to the logits, or None.
    """

    def __init__(self, plan: NetworkPlan, encoder: nn.Module) -> None:
        super().__init__()
        self.plan = plan
        self.encoder = encoder
        self.to_latent = block_module(plan.to_latent) if plan.to_latent else None
        self.decoder = row(plan.decoder)
        self.bridge = BridgeModule(plan.bridge) if plan.bridge else None
        self.head = row(plan.head)

    def forward(self, images: Tensor, *, reconstruct: bool = True, classify: bool = True) -> Output:
        """Take normalised images (N, channels, height, width).

        Args:
            images: In float32.
            reconstruct: False leaves the decoder out.
            classify: False leaves the head out.
        """
        features = self.encoder(images)
        latent = self.to_latent(features[-1]) if self.to_latent else features[-1]
        return Output(
            reconstruction=self.decoder(latent) if self.decoder and reconstruct else None,
            logits=self._logits(latent, features[0]) if classify else None,
            latent=latent,
            features=features,
        )

    def _logits(self, latent: Tensor, first: Tensor) -> Tensor | None:
        if self.head is None:
            return None
        logits: Tensor = self.head(self.bridge(latent, first) if self.bridge else latent)
        return logits


def build(model: ModelOptions, image: Shape, classes: int, *, seed: int) -> Network:
    """Build the network that a study file describes, on the CPU.

    Args:
        model: What the study file says of it.
        image: (channels, height, width).
        classes: That the data set has.
        seed: Fixes the initial weights; torch's own random state is left as it was. Of two
            networks with one seed, layers of the same place and shape have the same weights.

    Raises:
        SpecError: A part does not fit (`Unbuildable`), or an encoder has no module.
    """
    with random_state_of(seed):
        network = _assembled(model, plan_network(model, image, classes))
    with random_state_of(seed):
        initialize(network.encoder, model.init)
    for place, block in _places(network):
        initialize_by_place(block, model.init, seed, place)
    return network


def outline(model: ModelOptions, image: Shape, classes: int) -> Network:
    """The same network without numbers, on torch's meta device.

    It takes neither memory nor time, however large, so that its costs are known before it is
    built.

    Raises:
        SpecError: As `build` does.
    """
    plan = plan_network(model, image, classes)
    with torch.device("meta"):
        return _assembled(model, plan)


def _places(network: Network) -> Iterator[tuple[Place, nn.Module]]:
    """The blocks of a network, each with its place.

    A decoder is counted from its end, the image, where networks of different depth are alike.
    An encoder that is not made of our blocks keeps the weights that its builder gave it.
    """
    encoder = network.encoder if type(network.encoder) is FeatureStack else ()
    decoder = reversed(network.decoder) if network.decoder else ()
    rows = {"encoder": encoder, "decoder": decoder, "head": network.head or ()}
    if network.to_latent is not None:
        yield "to_latent", network.to_latent
    if network.bridge is not None:
        yield "bridge", network.bridge
    for part, blocks in rows.items():
        yield from ((f"{part} {index}", block) for index, block in enumerate(blocks))


def _assembled(model: ModelOptions, plan: NetworkPlan) -> Network:
    return Network(plan, encoder_builder(model.encoder.kind)(plan.encoder))
