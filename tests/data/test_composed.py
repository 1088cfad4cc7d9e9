"""Images composed of several digits: what they hold, where, and of which digits."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.data import ImageData, load
from autoae.data.composing import Canvas, compose
from autoae.data.images import Integers
from autoae.data.source import pictures_of
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from tests.data import made

SIDE = 28


def options_of(**options: object) -> DataOptions:
    return DataOptions.model_validate({"dataset": "double-mnist", "images": 40, **options})


@pytest.fixture
def digits(root: Path) -> Path:
    """MNIST with 60 training and 20 test digits."""
    return made.write_idx_root(root, "MNIST")


def overlapping(corners: Integers) -> bool:
    """Whether any two squares of 28 pixels have a pixel in common."""
    apart = np.abs(corners[:, None] - corners[None]).max(axis=-1)
    return bool((apart[~np.eye(len(corners), dtype=bool)] < SIDE).any())


@given(st.integers(28, 150), st.integers(0, 9), st.integers(0, 2**32))
def test_digits_stay_on_the_canvas_and_off_each_other(side: int, count: int, seed: int) -> None:
    fitting = min(count, (side // SIDE) ** 2)
    corners = Canvas(side, SIDE, overlap=False).layout(fitting, np.random.default_rng(seed))
    assert corners.shape == (fitting, 2)
    assert not overlapping(corners)
    assert ((corners >= 0) & (corners + SIDE <= side)).all()


def test_a_full_canvas_is_filled() -> None:
    corners = Canvas(2 * SIDE, SIDE, overlap=False).layout(4, np.random.default_rng(0))
    assert {tuple(corner) for corner in corners.tolist()} == {(0, 0), (0, 28), (28, 0), (28, 28)}


def test_digits_may_overlap_where_that_is_asked_for() -> None:
    random = np.random.default_rng(0)
    layouts = [Canvas(40, SIDE, overlap=True).layout(2, random) for _ in range(20)]
    assert all(map(overlapping, layouts))


def test_every_place_is_as_likely_as_the_next() -> None:
    random = np.random.default_rng(0)
    canvas = Canvas(SIDE + 3, SIDE, overlap=False)
    rows = [canvas.layout(1, random)[0, 0] for _ in range(4000)]
    assert np.abs(np.bincount(rows) / 4000 - 0.25).max() < 0.03


def test_an_image_shows_its_digits_and_nothing_else() -> None:
    pixels = made.random_images(12, SIDE, SIDE, 1)
    parts = pictures_of(pixels, made.labels_of(12, classes=12), "made")
    composed = compose(parts, 5, options_of(digits=[2], canvas=90), split=0)
    for image in range(5):
        expected = np.zeros((90, 90, 1), np.uint8)
        for row, (top, left) in zip(composed.rows[image], composed.corners[image], strict=True):
            expected[top : top + SIDE, left : left + SIDE] = pixels[row]
        assert np.array_equal(composed.read(image), expected)
        assert composed.counts(12)[image].nonzero()[0].tolist() == sorted(composed.rows[image])


def test_where_digits_overlap_the_brighter_pixel_shows() -> None:
    pixels = np.stack([np.full((SIDE, SIDE, 1), level, np.uint8) for level in (90, 200)])
    parts = pictures_of(pixels, made.labels_of(2), "made")
    options = options_of(digits=[2], canvas=SIDE, overlap=True)
    assert (compose(parts, 1, options, split=0).read(0) == 200).all()


@pytest.mark.parametrize("numbers", [[0, 1, 2], [1], [3, 0]])
def test_there_are_as_many_images_of_each_number(digits: Path, numbers: list[int]) -> None:
    data = load(options_of(digits=numbers, images=30, canvas=90))
    held = data.train.labels.sum(axis=1)
    assert [int((held == number).sum()) for number in numbers] == [30 // len(numbers)] * len(
        numbers
    )
    assert data.test.labels.shape == (5, 10)


def test_no_digit_is_used_twice(digits: Path) -> None:
    """The made digits are all different, so every digit can be recognised by its pixels."""
    data = load(options_of(digits=[1], images=60, canvas=SIDE))
    seen = [image.tobytes() for image in (*data.train.images, *data.test.images)]
    assert len(set(seen)) == len(seen) == 70


def test_the_same_options_compose_the_same_anywhere(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(options_of())
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "another"))
    second = load(options_of())
    assert np.array_equal(first.train.images, second.train.images)
    assert np.array_equal(first.train.labels, second.train.labels)
    assert np.array_equal(first.test.images, second.test.images)


@pytest.mark.parametrize(
    "other", [{"compose_seed": 1}, {"canvas": 100}, {"overlap": True}, {"digits": [1]}]
)
def test_other_options_compose_other_images(digits: Path, other: dict[str, object]) -> None:
    first, second = load(options_of(canvas=60)), load(options_of(**{"canvas": 60, **other}))
    assert not np.array_equal(first.train.images, second.train.images)


def test_splits_hold_the_numbers_in_equal_shares(digits: Path) -> None:
    data = load(options_of(images=45, validation=15))
    held = data.validation.labels[data.validation.indices].sum(axis=1)
    assert np.bincount(held).tolist() == [5, 5, 5]


def test_more_digits_than_there_are_is_refused(digits: Path) -> None:
    with pytest.raises(SpecError, match=r"data\.images: .* 64 digits, and there are 60") as raised:
        load(options_of(digits=[2], images=32))
    assert "data.images" in raised.value.hint


@pytest.mark.parametrize("option", [{"canvas": 64}, {"digits": [1]}, {"overlap": True}])
def test_options_of_it_have_no_place_elsewhere(option: dict[str, object]) -> None:
    with pytest.raises(SpecError, match=f"data.{next(iter(option))}: is for the data set"):
        load(DataOptions.model_validate({"dataset": "digits", **option}))


@pytest.mark.needs_data
def test_of_the_real_digits() -> None:
    data: ImageData = load(DataOptions(dataset="double-mnist", images=600))
    assert data.facts.shape == (1, 128, 128)
    bright = (data.train.images > 0).sum(axis=(1, 2, 3))
    held = data.train.labels.sum(axis=1)
    assert bright[held == 0].max() == 0
    # A digit of MNIST has 19 % of its pixels lit.
    assert bright[held == 2].mean() == pytest.approx(2 * 0.19 * 784, rel=0.1)
