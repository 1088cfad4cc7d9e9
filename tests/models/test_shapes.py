"""The plan says what the tensors are, and the reconstruction has the size of the image."""

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from autoae.models import build
from autoae.spec.blocks import Shape
from autoae.spec.config import ModelOptions
from autoae.spec.errors import Unbuildable
from tests.models.architectures import encoders, images, options

models = st.builds(
    options,
    encoders,
    latent=st.sampled_from([3, "encoder", "spatial"]),
    up=st.sampled_from(["transpose", "nearest"]),
    task=st.sampled_from(["none", "classify"]),
    batch_norm=st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(models, images)
def test_plan_and_tensors_agree_for_every_image(model: ModelOptions, image: Shape) -> None:
    try:
        network = build(model, image, 10, seed=0).eval()
    except Unbuildable:
        assume(False)
    assert network.plan.decoder[-1].outputs == image
    output = network(torch.rand(2, *image))
    assert output.reconstruction.shape == (2, *image)
    assert output.latent.shape == (2, *network.plan.latent)
    assert _shapes(output.features) == [block.outputs for block in network.plan.encoder]
    for part in ("decoder", "head"):
        outputs = _outputs(getattr(network, part), output.latent)
        assert _shapes(outputs) == [block.outputs for block in getattr(network.plan, part)]


def _outputs(part: nn.Module | None, latent: torch.Tensor) -> tuple[torch.Tensor, ...]:
    outputs = [latent]
    for block in part.children() if part else ():
        outputs.append(block(outputs[-1]))
    return tuple(outputs[1:])


def _shapes(tensors: tuple[torch.Tensor, ...]) -> list[Shape]:
    return [tuple(tensor.shape[1:]) for tensor in tensors]
