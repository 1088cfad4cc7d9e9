"""Blurred images: every split, exact, beside those that are not."""

from pathlib import Path

import numpy as np
import pytest

from autoae.cli.images import images_of
from autoae.data import load
from autoae.data.blurring import blurred
from autoae.data.images import Bytes
from autoae.spec.config import DataOptions
from tests.data import made


def test_a_point_becomes_a_gaussian() -> None:
    image = np.zeros((21, 21, 2), np.uint8)
    image[10, 10, 0] = 255
    away = np.arange(-10, 11)
    bell = np.exp(-(away**2) / (2 * 1.5**2))
    expected = 255 * np.outer(bell, bell) / bell.sum() ** 2
    assert np.abs(blurred(image, 1.5)[..., 0] - expected).max() <= 0.51
    assert not blurred(image, 1.5)[..., 1].any(), "channels stay apart"


def test_what_is_the_same_everywhere_stays() -> None:
    grey = np.full((6, 6, 1), 200, np.uint8)
    assert np.array_equal(blurred(grey, 3), grey)


def all_blurred(images: Bytes, deviation: float) -> Bytes:
    """Images (N, C, H, W), blurred one by one."""
    found = [blurred(image.transpose(1, 2, 0), deviation) for image in images]
    return np.stack(found).transpose(0, 3, 1, 2)


def test_every_split_is_blurred(root: Path) -> None:
    made.write_cifar_batches(root)
    plain, soft = (load(DataOptions(dataset="cifar10", blur=blur)) for blur in (0, 0.8))
    assert plain.facts == soft.facts
    for one, other in ((plain.train, soft.train), (plain.test, soft.test)):
        assert np.array_equal(all_blurred(one.images, 0.8), other.images)
        assert np.array_equal(one.labels, other.labels)
    assert np.array_equal(plain.validation.indices, soft.validation.indices)


def test_images_of_several_objects_are_blurred(root: Path) -> None:
    made.write_idx_root(root, "MNIST")
    options = DataOptions(dataset="double-mnist", images=20, canvas=60)
    plain, soft = load(options), load(options.model_copy(update={"blur": 2.0}))
    assert plain.facts == soft.facts
    assert np.array_equal(plain.train.labels, soft.train.labels)
    assert np.array_equal(all_blurred(plain.test.images, 2), soft.test.images)


def test_statistics_are_of_the_blurred_images() -> None:
    data = load(DataOptions(blur=1.0, normalize="dataset"))
    pixels = data.train.images[data.train.indices] / 255
    assert data.std == pytest.approx(pixels.std(), abs=1e-6)


def test_blur_comes_after_resizing() -> None:
    small, both = (load(DataOptions(resize=4, blur=blur)) for blur in (0, 1))
    assert np.array_equal(all_blurred(small.test.images, 1), both.test.images)


def test_smote_makes_images_of_blurred_ones() -> None:
    data = load(DataOptions(blur=1, constrained=(3,), resample="smote"))
    soft = load(DataOptions(blur=1, constrained=(3,)))
    kept = soft.train.images[soft.train.indices]
    assert np.array_equal(data.train.images[: len(kept)], kept)


def test_the_shape_of_images_is_told_without_blurring_them(root: Path, cache: Path) -> None:
    made.write_cifar_batches(root)
    for blur in (0.5, 1.0, 2.0):
        assert images_of(DataOptions(dataset="cifar10", blur=blur)) == ((3, 32, 32), 10)
    entries = [each for each in (cache / "decoded").iterdir() if each.is_dir()]
    assert len(entries) == 1
