"""A bridge: what it joins, its shapes and costs, and that the rest stays as it was."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from autoae.models.costs import count_flops, parameters
from autoae.models.summary import summarize
from autoae.spec.blocks import Shape, Style
from autoae.spec.bridge import plan_bridge
from autoae.spec.errors import Unbuildable
from tests.models.architectures import network

V4 = "C'(32) > C(32)"
V4_HEAD = "C'(32) > C(64) > C(64) > L(512) > L(128) > L'(10)"


def test_it_joins_the_channels_of_a_spatial_latent() -> None:
    built = network(V4, (3, 32, 32), task="classify", head=V4_HEAD, bridge=16)
    plain = network(V4, (3, 32, 32), task="classify", head=V4_HEAD)
    assert built.plan.notation == f"{V4} + C'(16) | {V4_HEAD}"
    # Its convolution, and 16 more channels that the first layer of the head takes.
    added = (32 * 16 * 9 + 16) + 16 * 32 * 9
    assert parameters(built) - parameters(plain) == added
    more = 2 * (32 * 16 * 9 * 32 * 32 + 16 * 32 * 9 * 16 * 16)
    assert count_flops(built).total - count_flops(plain).total == more


@pytest.mark.parametrize("options", [{"latent": 5}, {"encoder": "S(6) > L(5)"}])
def test_beside_a_flat_latent_four_by_four_pixels_are_left(options: dict[str, object]) -> None:
    encoder = options.pop("encoder", "S(6) > S(6)")
    built = network(encoder, (1, 20, 20), task="classify", bridge=3, **options)
    assert built.plan.bridge is not None
    assert built.plan.bridge.outputs == (3, 4, 4)
    assert built.plan.head[0].inputs == (5 + 3 * 4 * 4,)


def test_the_head_sees_latent_and_first_features() -> None:
    built = network("C(4) > C(4)", (1, 8, 8), task="classify", bridge=2)
    assert built.bridge is not None
    assert built.head is not None
    output = built(torch.rand(3, 1, 8, 8))
    block = built.bridge.block(output.features[0])
    pooled = nn.functional.adaptive_max_pool2d(block, 2)
    expected = built.head(torch.cat([output.latent, pooled], 1))
    torch.testing.assert_close(output.logits, expected)
    assert output.latent.shape == (3, 4, 2, 2)


STYLE = Style("relu", 0.01, False, 0.0, "linear")


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 9))
def test_its_pool_fits_every_size_and_leaves_no_pixel_out(size: int, other: int, by: int) -> None:
    left = (-(-size // by), -(-other // by))
    for latent in ((5, *left), (7,)):
        bridge = plan_bridge(2, (3, size, other), latent, STYLE)
        sides = zip((size, other), bridge.outputs[1:], bridge.strides, bridge.windows, strict=True)
        assert all((pixels - 1) * step + window == n for n, pixels, step, window in sides)
        assert min(*bridge.strides, *bridge.windows) >= 1


@pytest.mark.parametrize("image", [(1, 33, 31), (3, 5, 6)])
@pytest.mark.parametrize("latent", ["spatial", 3])
def test_odd_sizes_of_images_go_through(image: Shape, latent: object) -> None:
    built = network("S(2) > C(3)", image, task="classify", latent=latent, bridge=2)
    assert built(torch.rand(2, *image)).logits.shape == (2, 10)


def test_other_weights_are_those_without_it() -> None:
    options = {"task": "classify", "head": "C'(8) > C'(8) > L'(10)"}
    plain, bridged = (
        network("C(4) > C(4)", (1, 8, 8), bridge=b, **options).state_dict() for b in (None, 3)
    )
    differ = {name for name in plain if not torch.equal(plain[name], bridged[name])}
    assert differ == {"head.0.layer.weight", "head.0.layer.bias"}
    assert {name.split(".")[0] for name in bridged.keys() - plain.keys()} == {"bridge"}


def test_the_decoder_does_not_see_it() -> None:
    built = network("C(4) > C(4)", (1, 8, 8), task="classify", bridge=3)
    output = built(torch.rand(2, 1, 8, 8))
    torch.autograd.backward(output.reconstruction.sum())
    assert built.bridge is not None
    assert all(weight.grad is None for weight in built.bridge.parameters())


def test_it_is_a_row_of_the_summary() -> None:
    built = network("C(4) > C(4)", (1, 8, 8), task="classify", bridge=3)
    rows = summarize(built)
    assert sum(row.params for row in rows) == parameters(built)
    assert [row.notation for row in rows if row.name == "bridge"] == ["C'(3)"]


def test_it_runs_in_bfloat16_and_channels_last() -> None:
    built = network("C(4) > C(4)", (1, 8, 8), task="classify", bridge=3)
    shown = torch.rand(5, 1, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        logits = built(shown.contiguous(memory_format=torch.channels_last)).logits
    torch.testing.assert_close(logits.float(), built(shown).logits, rtol=0.1, atol=0.05)


def test_a_first_layer_smaller_than_the_latent_is_refused() -> None:
    with pytest.raises(Unbuildable, match="a bridge only shrinks"):
        network("C(4) > C'(4,k1,p3)", (1, 8, 8), task="classify", bridge=3)


def test_a_first_layer_that_is_linear_is_refused() -> None:
    with pytest.raises(Unbuildable, match="that layer is linear"):
        network({"kind": "mlp"}, (1, 8, 8), task="classify", bridge=3)
