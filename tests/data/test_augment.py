"""Flip and crop: every image its own draw, and only pixels that were there or black."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from autoae.data.augment import augmented, draw, flipped, moved

CPU = torch.device("cpu")


@st.composite
def batches(pick: st.DrawFn) -> Tensor:
    """A batch of random bytes, (N, C, H, W)."""
    shape = [pick(st.integers(1, most)) for most in (5, 3, 12, 12)]
    generator = torch.Generator().manual_seed(pick(st.integers(0, 99)))
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


@given(batches(), st.data())
def test_flipping_twice_changes_nothing(images: Tensor, data: st.DataObject) -> None:
    chosen = torch.tensor(data.draw(st.lists(st.booleans(), min_size=5, max_size=5)))[: len(images)]
    once = flipped(images, chosen)
    assert torch.equal(once, torch.where(chosen[:, None, None, None], images.flip(-1), images))
    assert torch.equal(flipped(once, chosen), images)


@given(batches(), st.data())
def test_a_crop_is_a_window_of_the_padded_image(images: Tensor, data: st.DataObject) -> None:
    steps = st.integers(0, 8)
    offsets = torch.tensor([[data.draw(steps), data.draw(steps)] for _ in images])
    padded = functional.pad(images, (4, 4, 4, 4))
    height, width = images.shape[2:]
    for image, (top, left), result in zip(padded, offsets, moved(images, offsets), strict=True):
        assert torch.equal(result, image[:, top : top + height, left : left + width])


@given(batches())
def test_the_middle_of_the_crop_changes_nothing(images: Tensor) -> None:
    assert torch.equal(moved(images, torch.full((len(images), 2), 4)), images)


@given(batches(), st.sets(st.sampled_from(["flip", "crop"])), st.integers(0, 99))
def test_shape_and_type_stay(images: Tensor, augment: set[str], seed: int) -> None:
    draws = draw(augment, len(images), torch.Generator().manual_seed(seed))
    result = augmented(images, draws)
    assert result.shape == images.shape
    assert result.dtype == torch.uint8
    again = draw(augment, len(images), torch.Generator().manual_seed(seed))
    assert torch.equal(augmented(images, again), result)


def test_draws_are_fair() -> None:
    draws = draw({"flip", "crop"}, 9000, torch.Generator().manual_seed(0))
    assert draws.flips is not None
    assert draws.offsets is not None
    assert abs(float(draws.flips.float().mean()) - 0.5) < 0.02
    counts = torch.bincount(draws.offsets[:, 0] * 9 + draws.offsets[:, 1], minlength=81)
    assert counts.min() > 60


def test_no_augmentation_draws_nothing() -> None:
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    draws = draw((), 10, generator)
    assert draws.flips is None
    assert draws.offsets is None
    assert torch.equal(generator.get_state(), before)
