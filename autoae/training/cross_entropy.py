"""Binary cross-entropy on a CPU, without the slow logarithm that torch's own has there."""

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn import functional

_LOWEST_LOGARITHM = -100.0
_SMALLEST_VARIANCE = 1e-12
"""As torch clamps: a wrong certainty costs 100, and its gradient stays finite."""


def binary_cross_entropy(probabilities: Tensor, target: Tensor) -> Tensor:
    """The mean over all pixels, a 0-d tensor; as `torch.nn.functional.binary_cross_entropy`.

    torch takes log1p(-p), which it computes number by number on a CPU; log(1 - p) is computed
    sixteen at a time and differs by less than 1e-7. Measured on 128 images of 28 x 28 pixels,
    forward and backward: 4 to 6 times as fast, which makes a step of a small network twice as
    fast.

    Args:
        probabilities: Between 0 and 1.
        target: Of the same shape, between 0 and 1.
    """
    if probabilities.device.type != "cpu":
        return functional.binary_cross_entropy(probabilities, target)
    loss: Tensor = _CrossEntropy.apply(probabilities, target)
    return loss


def entropy(images: Tensor) -> Tensor:
    """The least binary cross-entropy to images: what they have to themselves, a 0-d tensor.

    Only black and white pixels can be told without any; a grey one of 0.5 costs ln 2.

    Args:
        images: Between 0 and 1.
    """
    return binary_cross_entropy(images, images)


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, probabilities: Tensor, target: Tensor) -> Tensor:
        ctx.save_for_backward(probabilities, target)
        wrong = (1 - probabilities).log_().clamp_min_(_LOWEST_LOGARITHM)
        right = probabilities.log().clamp_min_(_LOWEST_LOGARITHM)
        return -torch.lerp(wrong, right, target).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        probabilities, target = ctx.saved_tensors  # type: ignore[attr-defined]
        variance = (1 - probabilities).mul_(probabilities).clamp_min_(_SMALLEST_VARIANCE)
        slope = (probabilities - target).div_(variance)
        return slope.mul_(gradient / probabilities.numel()), None
