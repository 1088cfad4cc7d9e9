"""Backbones: what the plan says of them is what torchvision's networks give."""

from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import get_model, get_model_weights

from autoae.models import Network, build, outline
from autoae.models.costs import costs, count_flops, parameters
from autoae.models.encoders.backbones import fetch_weights, load_pretrained
from autoae.models.summary import summarize
from autoae.spec.blocks import Shape
from autoae.spec.encoders.backbones import BACKBONES, Backbone, smallest
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.reading import read_study
from autoae.spec.runs import Run
from autoae.spec.study import StudySpec
from tests.models.architectures import network, options

KINDS = list(BACKBONES)
SMALL = {"kind": "squeezenet1_1"}
IMAGENET = {**SMALL, "weights": "imagenet"}
IMAGE = (3, 32, 32)

WITHOUT_CLASSIFIER = {
    "vgg16": ("classifier", 123_642_856),
    "resnet50": ("fc", 2_049_000),
    "mobilenet_v2": ("classifier", 1_281_000),
    "squeezenet1_1": ("classifier", 513_000),
}
"""The part of torchvision's network that is left out, and its parameters."""


def sketch(kind: str, image: Shape, **others: object) -> Network:
    return outline(options({"kind": kind}, **others), image, 10)


def state(module: nn.Module) -> list[Tensor]:
    return [value.clone() for value in module.state_dict().values()]


def same(one: nn.Module, other: nn.Module) -> bool:
    return all(map(torch.equal, state(one), state(other)))


def test_every_name_has_its_stages() -> None:
    assert set(get_args(Backbone)) == set(BACKBONES)


@pytest.mark.parametrize("side", ["smallest", 33, 64, 97, 224])
@pytest.mark.parametrize("kind", KINDS)
def test_plan_and_tensors_agree_for_every_size(kind: str, side: int | str) -> None:
    side = smallest(kind) if isinstance(side, str) else side
    image = (3, side, side + 2)
    built = sketch(kind, image, task="classify").eval()
    output = built(torch.zeros(1, *image, device="meta"))
    assert [tuple(each.shape[1:]) for each in output.features] == [
        block.outputs for block in built.plan.encoder
    ]
    assert output.reconstruction.shape == (1, *image)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_whole_of_torchvisions_network_but_its_classifier(kind: str) -> None:
    part, left_out = WITHOUT_CLASSIFIER[kind]
    known = get_model_weights(kind)["IMAGENET1K_V1"].meta
    built = sketch(kind, (3, 224, 224), decoder="none", task="classify")
    assert parameters(built.encoder) == known["num_params"] - left_out
    with torch.device("meta"):
        whole = get_model(kind, weights=None)
    assert parameters(whole.get_submodule(part)) == left_out
    assert smallest(kind) == known["min_size"][0]
    # torchvision counts a multiply-add as one, in thousand millions, its classifier included.
    counted = count_flops(built).of_module["encoder"] / 2e9
    assert known["_ops"] * 0.75 < counted < known["_ops"] * 1.001


@pytest.mark.parametrize("kind", KINDS)
def test_its_stages_are_every_part_of_the_features_in_order(kind: str) -> None:
    with torch.device("meta"):
        whole = get_model(kind, weights=None)
    parts = [
        f"{name}.{inner}" if isinstance(child, nn.Sequential) else name
        for name, child in whole.named_children()
        if name not in {"avgpool", WITHOUT_CLASSIFIER[kind][0]}
        for inner in (dict(child.named_children()) if isinstance(child, nn.Sequential) else "_")
    ]
    assert [name for stage in BACKBONES[kind] for name in stage.modules] == parts


def test_it_computes_what_torchvisions_network_computes() -> None:
    whole = get_model("squeezenet1_1", weights=None).eval()
    built, images = (
        network(SMALL, IMAGE, decoder="none", task="classify").eval(),
        torch.rand(2, *IMAGE),
    )
    own = dict(zip(built.encoder.state_dict(), whole.features.state_dict().values(), strict=True))
    built.encoder.load_state_dict(own)
    with torch.inference_mode():
        assert torch.equal(built(images).latent, whole.features(images))


@pytest.mark.parametrize("kind", ["vgg16", "squeezenet1_1"])
def test_an_image_that_is_too_small_is_refused_with_the_smallest(kind: str) -> None:
    least = smallest(kind)
    with pytest.raises(Unbuildable, match=f"{kind} needs images of {least} pixels"):
        sketch(kind, (3, 64, least - 1))


def test_grey_images_are_refused() -> None:
    with pytest.raises(Unbuildable, match="takes images of 3 channels, and these are 1x64x64"):
        sketch("resnet50", (1, 64, 64))


def test_a_mirror_goes_back_through_the_narrow_middle() -> None:
    decoder = [block.notation for block in sketch("resnet50", (3, 224, 224)).plan.decoder]
    assert decoder[:3] == ["C'(512,k1)", "C'(512)", "C'(2048,k1)"]
    assert decoder[-4:] == ["C'(64,k1)", "S(64)", "C'(64,k1)", "S(3)"]
    assert len(decoder) == 3 * 16 + 1


def test_every_stage_is_a_row_of_the_summary() -> None:
    built = sketch("mobilenet_v2", (3, 64, 64), decoder="none", task="classify")
    rows, counted = summarize(built), costs(built)
    assert [row.name for row in rows] == [*(f"encoder.{n}" for n in range(19)), "head.0"]
    assert rows[18].notation == "features.18(1280)"
    assert sum(row.params for row in rows) == counted.params
    assert sum(row.flops for row in rows) == counted.flops


def test_it_says_what_it_begins_with() -> None:
    model = options(IMAGENET, latent=4, task="classify")
    assert outline(model, IMAGE, 10).plan.notation == (
        "squeezenet1_1 (ImageNet weights) > L'(4) | L'(10)"
    )
    assert sketch("resnet50", IMAGE).plan.notation == "resnet50 (from scratch)"


@pytest.mark.parametrize("init", ["default", "kaiming"])
def test_weights_depend_on_the_seed_alone(init: str) -> None:
    hybrid = build(options(SMALL, task="classify", init=init), IMAGE, 10, seed=5)
    alone, other = (
        build(options(SMALL, decoder="none", task="classify", init=init), IMAGE, 10, seed=seed)
        for seed in (5, 6)
    )
    assert same(hybrid.encoder, alone.encoder)
    assert not same(alone.encoder, other.encoder)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch looks for downloads, empty, on a machine without a network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder / "squeezenet1_1-b8a52dc0.pth"


def test_weights_that_were_fetched_are_those_it_begins_with(hub: Path) -> None:
    kept = get_model("squeezenet1_1", weights=None)
    torch.save(kept.state_dict(), hub)
    built = network(IMAGENET, IMAGE, init="orthogonal")
    before = state(built.encoder)
    load_pretrained(built.encoder, options(SMALL).encoder)
    assert all(map(torch.equal, state(built.encoder), before))
    load_pretrained(built.encoder, options(IMAGENET).encoder)
    assert same(built.encoder, kept.features)


def test_weights_that_cannot_be_fetched_are_told_with_what_to_do(hub: Path) -> None:
    with pytest.raises(
        SpecError, match=r"cannot be downloaded from https://.*: no network"
    ) as told:
        fetch_weights("squeezenet1_1")
    assert told.value.key == "model.encoder.weights"
    assert str(hub) in told.value.hint
    assert "weights: none" in told.value.hint


def test_a_file_of_other_weights_is_told(hub: Path) -> None:
    for content in (b"nothing of that kind", b""):
        hub.write_bytes(content)
        with pytest.raises(SpecError, match="does not hold the ImageNet weights"):
            load_pretrained(network(SMALL, IMAGE).encoder, options(IMAGENET).encoder)


@pytest.mark.parametrize(
    ("variant", "widths"),
    [("vgg16", (512, 512, 256, 128, 64, 3)), ("resnet50", (2048, 1024, 512, 256, 64, 3))],
)
def test_the_preset_has_the_published_decoders(variant: str, widths: tuple[int, ...]) -> None:
    """Five transposed convolutions of kernel and stride 2, as in the published code."""
    decoder = sketch_of(read_study("cifar-backbones"), variant).decoder
    assert decoder is not None
    assert parameters(decoder) == sum(4 * a * b + b for a, b in pairwise(widths))


def test_every_variant_of_the_preset_fits_both_profiles() -> None:
    for profile, side in ((None, 224), ("quick", 32)):
        spec = read_study("cifar-backbones", profile=profile)
        for variant in spec.settings.variants:
            sketch_of(spec, variant, side)


def sketch_of(spec: StudySpec, variant: str, side: int = 224) -> Network:
    run: Run = {"variant": variant, "seed": 0}
    return outline(spec.configuration(lambda key, _: run[key]).model, (3, side, side), 10)
