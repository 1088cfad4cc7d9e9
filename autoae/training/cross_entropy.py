"""Binary cross-entropy, without what torch's own is too slow or too strict for."""

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

_LOWEST_LOGARITHM = -100.0
_SMALLEST_VARIANCE = 1e-12
"""As torch clamps: a wrong certainty costs 100, and its gradient stays finite."""


def binary_cross_entropy(probabilities: Tensor, target: Tensor) -> Tensor:
    """The mean over all pixels, a 0-d tensor; as `torch.nn.functional.binary_cross_entropy`.

    On a GPU torch's kernel ends the whole process where a probability is no number
    (`CUDA_KERNEL_ASSERT` in its Loss.cu), as those of a network are that diverges. On a CPU torch
    takes log1p(-p), which it computes number by number on a CPU; log(1 - p) is computed
    sixteen at a time and differs by less than 1e-7. Measured on 128 images of 28 x 28 pixels,
    forward and backward: 4 to 6 times as fast, which makes a step of a small network twice as
    fast.

    Args:
        probabilities: Between 0 and 1.
        target: Of the same shape, between 0 and 1.
    """
    if not torch.is_grad_enabled():
        return _value(probabilities, target)
    if probabilities.device.type != "cpu":
        return plain_cross_entropy(probabilities, target)
    loss: Tensor = _CrossEntropy.apply(probabilities, target)
    return loss


def plain_cross_entropy(probabilities: Tensor, target: Tensor) -> Tensor:
    """The same of operations that `vmap` knows, and that let a GPU go on where one is no number."""
    known = probabilities.detach()
    slope = _slope(known, target)
    # The second term is 0; it has the gradient, which the logarithm of 0 would not have.
    return _value(known, target) + (slope * (probabilities - known)).mean()


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
        return _value(probabilities, target)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        probabilities, target = ctx.saved_tensors  # type: ignore[attr-defined]
        slope = _slope(probabilities, target)
        return slope.mul_(gradient / probabilities.numel()), None


def _value(probabilities: Tensor, target: Tensor) -> Tensor:
    wrong = (1 - probabilities).log_().clamp_min_(_LOWEST_LOGARITHM)
    right = probabilities.log().clamp_min_(_LOWEST_LOGARITHM)
    return -torch.lerp(wrong, right, target).mean()


def _slope(probabilities: Tensor, target: Tensor) -> Tensor:
    """The gradient of each pixel's own cross-entropy."""
    variance = (1 - probabilities).mul_(probabilities).clamp_min_(_SMALLEST_VARIANCE)
    return (probabilities - target).div_(variance)
