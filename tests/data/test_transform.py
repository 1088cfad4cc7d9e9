"""Sizes: shorter side first, then a centred square; and the statistics of what remains."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autoae.data import facts, load
from autoae.data.transform import cropped, resized, shape_after, transformed
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from tests.data import made


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), st.sampled_from([1, 3]))
def test_the_shorter_side_is_as_asked(height: int, width: int, side: int, channels: int) -> None:
    image = resized(made.random_images(1, height, width, channels)[0], side)
    assert min(image.shape[:2]) == side
    assert image.shape[2] == channels
    assert image.shape[0] / image.shape[1] == pytest.approx(height / width, rel=1 / side + 0.01)


def test_resizing_is_that_of_pillow() -> None:
    image = made.random_images(1, 20, 30, 3)[0]
    theirs = Image.fromarray(image).resize((15, 10), Image.Resampling.BILINEAR)
    assert np.array_equal(resized(image, 10), np.asarray(theirs))


def test_the_crop_is_centred() -> None:
    image = np.zeros((5, 7, 1), np.uint8)
    image[1:4, 2:5] = 1
    assert cropped(image, 3).all()


def test_a_crop_larger_than_the_image() -> None:
    with pytest.raises(SpecError, match="9 pixels does not fit") as caught:
        facts(DataOptions(center_crop=9))
    assert caught.value.key == "data.center_crop"


def test_resize_and_crop_decide_the_shape() -> None:
    assert facts(DataOptions(resize=12)).shape == (1, 12, 12)
    assert facts(DataOptions(resize=12, center_crop=10)).shape == (1, 10, 10)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.none() | st.integers(1, 50),
    st.none() | st.integers(1, 50),
)
def test_the_shape_is_known_before_an_image_is_made(
    height: int, width: int, side: int | None, crop: int | None
) -> None:
    options = DataOptions(resize=side, center_crop=crop)
    image = made.random_images(1, height, width, 1)[0]
    try:
        seen = transformed(image, options, "x")
    except SpecError as refused:
        with pytest.raises(SpecError, match=str(refused)):
            shape_after((1, height, width), options, "x")
    else:
        assert shape_after((1, height, width), options, "x") == (1, *seen.shape[:2])


def test_facts_of_many_sizes_and_strengths_decode_once(cache: Path) -> None:
    for options in (DataOptions(), DataOptions(resize=12), DataOptions(blur=1.0)):
        facts(options)
    assert len(list(cache.rglob("images.npy"))) == 1


def test_different_sizes_need_resize_and_crop(root: Path) -> None:
    made.write_folders(root / "a", {"cat": 5}, 9, 7)
    made.write_folders(root / "a", {"dog": 5}, 8, 8)
    options = DataOptions(dataset="folder", path=str(root / "a"))
    with pytest.raises(SpecError, match="different sizes") as caught:
        facts(options)
    assert caught.value.key == "data.resize"
    with pytest.raises(SpecError, match="different sizes") as caught:
        facts(options.model_copy(update={"resize": 6}))
    assert caught.value.key == "data.center_crop"
    squares = options.model_copy(update={"resize": 6, "center_crop": 6})
    assert facts(squares).shape == (1, 6, 6)


def test_statistics_are_those_of_the_training_images() -> None:
    data = load(DataOptions(normalize="dataset", limit=200))
    used = data.train.images[data.train.indices] / 255
    assert data.mean == pytest.approx(used.mean((0, 2, 3)), abs=1e-6)
    assert data.std == pytest.approx(used.std((0, 2, 3)), abs=1e-6)


def test_no_normalisation_changes_nothing() -> None:
    data = load(DataOptions())
    assert data.mean.tolist() == [0.0]
    assert data.std.tolist() == [1.0]


def test_the_statistics_of_imagenet_need_three_channels(root: Path) -> None:
    with pytest.raises(SpecError, match="3 channels") as caught:
        facts(DataOptions(normalize="imagenet"))
    assert caught.value.key == "data.normalize"
    made.write_cifar_batches(root)
    data = load(DataOptions(dataset="cifar10", normalize="imagenet"))
    assert data.mean == pytest.approx([0.485, 0.456, 0.406])


def test_a_channel_that_never_changes_is_only_shifted(root: Path) -> None:
    def black(
        count: int, *shape: int, seed: int
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        return np.zeros((count, *shape), np.uint8)

    made.write_folders(root / "black", {"a": 10}, 4, 4, make=black)
    options = DataOptions(dataset="folder", path=str(root / "black"), normalize="dataset")
    assert load(options).std.tolist() == [1.0]
