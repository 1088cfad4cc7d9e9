"""Backbones: networks of torchvision as encoders, and the weights that they may begin with."""

from collections import OrderedDict
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from autoae.models.blocks import FeatureStack
from autoae.spec.blocks import Block
from autoae.spec.encoders.backbones import BACKBONES
from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.errors import SpecError


class BackboneStages(FeatureStack):
    """The stages of a backbone, whose initial weights are torchvision's."""


def build(kind: str, blocks: tuple[Block, ...]) -> nn.Module:  # noqa: ARG001
    """The module that gives the feature map of every stage."""
    return _stages(kind, _whole(kind))


def fetch_weights(kind: str) -> None:
    """Download the ImageNet weights of a backbone, unless they are there.

    Raises:
        SpecError: They cannot be fetched.
    """
    if not _file(kind).exists():
        _pretrained(kind)


def load_pretrained(module: nn.Module, encoder: EncoderOptions) -> None:
    """Give a backbone the weights that its options ask for; leave any other encoder as it is.

    Args:
        module: The encoder of a network, changed in place.
        encoder: Its options.

    Raises:
        SpecError: They cannot be fetched or read.
    """
    if encoder.pretrained:
        module.load_state_dict(_stages(encoder.kind, _pretrained(encoder.kind)).state_dict())


def _whole(kind: str) -> nn.Module:
    # Only who asks for a backbone waits for torchvision.
    from torchvision.models import get_model

    network: nn.Module = get_model(kind, weights=None)
    return network


def _stages(kind: str, whole: nn.Module) -> BackboneStages:
    return BackboneStages(
        nn.Sequential(
            OrderedDict(
                (name.replace(".", "_"), whole.get_submodule(name)) for name in stage.modules
            )
        )
        for stage in BACKBONES[kind]
    )


def _pretrained(kind: str) -> nn.Module:
    """Torchvision's network with its first ImageNet weights, those of the original recipes."""
    weights, whole = _weights(kind), _whole(kind)
    try:
        whole.load_state_dict(weights.get_state_dict(progress=False, check_hash=True))
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        raise _missing(kind, str(error).strip().partition("\n")[0]) from error
    return whole


def _missing(kind: str, reason: str) -> SpecError:
    file, key = _file(kind), "model.encoder.weights"
    if file.exists():
        return SpecError(
            f"{file} does not hold the ImageNet weights of {kind}: {reason}",
            key=key,
            hint="delete it, so that it is downloaded again, or set `weights: none`",
        )
    return SpecError(
        f"the ImageNet weights of {kind} cannot be downloaded from {_weights(kind).url}: {reason}",
        key=key,
        hint=f"put that file at {file}, or set `weights: none` to train from scratch",
    )


def _file(kind: str) -> Path:
    """Where torch keeps what it has downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(_weights(kind).url).name


def _weights(kind: str) -> Any:  # noqa: ANN401 - torchvision has no types
    from torchvision.models import get_model_weights

    return get_model_weights(kind)["IMAGENET1K_V1"]
