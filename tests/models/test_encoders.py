"""A contract for every encoder, ours and those that other packages bring."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from autoae.models import Network
from autoae.models import encoders as modules
from autoae.spec import encoders as options_of
from autoae.spec.config import Configuration
from autoae.spec.encoders.backbones import BACKBONES
from autoae.spec.errors import SpecError
from tests.models.architectures import network

OPTIONS = """
from typing import Literal

from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.notation import Layer


class FunnelEncoder(EncoderOptions):
    kind: Literal["funnel"] = "funnel"
    channels: int = 4

    def pattern(self):
        return (Layer("S", False, self.channels), Layer("S", False, 2 * self.channels))
"""

MODULE = """
from torch import nn

from autoae.models.blocks import block_module


class Funnel(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.first, self.second = map(block_module, blocks)

    def forward(self, images):
        features = self.first(images)
        return features, self.second(features)


def build(blocks):
    return Funnel(blocks)
"""

ENTRY_POINTS = """
[autoae.encoders]
funnel = funnel_options:FunnelEncoder

[autoae.encoder_modules]
funnel = funnel_module:build
"""


@pytest.fixture
def funnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another distribution with an encoder of its own, as if installed."""
    (tmp_path / "funnel_options.py").write_text(OPTIONS, encoding="utf-8")
    (tmp_path / "funnel_module.py").write_text(MODULE, encoding="utf-8")
    information = tmp_path / "funnel-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: funnel\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("funnel_options", "funnel_module"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    options_of.encoders.cache_clear()
    yield
    options_of.encoders.cache_clear()


def trains_one_step(built: Network, images: torch.Tensor) -> bool:
    """Whether one step changes the weights of the encoder."""
    optimizer = torch.optim.SGD(built.parameters(), lr=1.0)
    before = next(built.encoder.parameters()).detach().clone()
    torch.autograd.backward(nn.functional.mse_loss(built(images).reconstruction, images))
    optimizer.step()
    return not torch.equal(before, next(built.encoder.parameters()))


@pytest.mark.parametrize("room", ["spec", "models"])
def test_an_encoder_is_two_files_of_one_name(room: str) -> None:
    folder = Path(options_of.__file__ if room == "spec" else modules.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    assert options_of.BUILT_IN.keys() == modules.BUILT_IN.keys()
    # Networks of torchvision are entries of one table.
    assert files == (options_of.BUILT_IN.keys() - BACKBONES.keys()) | {"backbones"}


@pytest.mark.parametrize("kind", sorted(options_of.BUILT_IN.keys() - BACKBONES.keys()))
def test_every_encoder_builds_and_trains(kind: str) -> None:
    built = network({"kind": kind}, latent=4)
    assert trains_one_step(built, torch.rand(4, 1, 28, 28))


@pytest.mark.parametrize("kind", options_of.BUILT_IN)
def test_every_encoder_comes_back_from_json(kind: str) -> None:
    given = {"weights": "imagenet"} if kind in BACKBONES else {"depth": 2, "width": [8, 4]}
    pattern = {"kind": kind, **given}
    configuration = Configuration.model_validate({"model": {"encoder": pattern}})
    assert Configuration.model_validate(configuration.model_dump(mode="json")) == configuration


@pytest.mark.usefixtures("funnel")
def test_an_encoder_of_another_package_is_found_and_trains() -> None:
    built = network({"kind": "funnel", "channels": 3}, latent=4)
    assert type(built.encoder).__name__ == "Funnel"
    assert built.plan.notation == "S(3) > S(6) > L'(4)"
    assert trains_one_step(built, torch.rand(4, 1, 28, 28))


@pytest.mark.usefixtures("funnel")
def test_a_misspelt_encoder_of_another_package_is_suggested() -> None:
    with pytest.raises(ValueError, match="did you mean 'funnel'"):
        network({"kind": "funel"})


def test_options_without_a_module_are_told() -> None:
    with pytest.raises(SpecError, match="has options but no module"):
        modules.encoder_builder("funnel")
