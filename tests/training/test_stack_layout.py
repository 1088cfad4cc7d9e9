"""Channels lie last in the convolutions of a stack, as far as `vmap` lets them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from autoae.training.stacks.stack import Stack
from tests.training.toy import SIZE, toy_configuration, toy_data, toy_training


class Convolutions(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes which convolutions, on the way there and back, find their channels last."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.there, self.back = list[bool](), list[bool]()

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        del types
        seen = {torch.ops.aten.convolution.default: (self.there, 0)}
        seen |= {torch.ops.aten.convolution_backward.default: (self.back, 1)}
        if func in seen:
            noted, place = seen[func]
            images: Tensor = args[place]
            noted.append(images.is_contiguous(memory_format=torch.channels_last))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("precision", "last"), [("bfloat16", True), ("float32", False)])
def test_channels_stay_last_up_to_the_first_pool(precision: str, last: bool) -> None:
    configurations = [
        toy_configuration(
            model={"encoder": "S(4) > C'(6) > C(3) > C'(2)", "batch_norm": True},
            training={"precision": precision, "seed": seed},
        )
        for seed in range(3)
    ]
    stack = Stack(toy_training(*configurations, data=toy_data()).members)
    images = torch.rand(3, 5, 1, SIZE, SIZE)
    with Convolutions() as seen:
        stack.step(images, torch.zeros(3, 5, dtype=torch.long), images)
    # The pool is behind the third; the fourth one and the decoder find them where they were.
    assert seen.there[:4] == [last] * 3 + [False]
    assert seen.back[-3:] == [last] * 3
