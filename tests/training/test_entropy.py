"""The least cross-entropy that images allow."""

import numpy as np
import pytest
import torch

from autoae.data import load
from autoae.spec.config import DataOptions
from autoae.training.cross_entropy import binary_cross_entropy, entropy


def test_black_and_white_cost_nothing_and_grey_costs_one_bit() -> None:
    assert entropy(torch.tensor([0.0, 1.0])) == 0
    assert entropy(torch.full((3,), 0.5)).item() == pytest.approx(np.log(2))


def test_no_reconstruction_costs_less() -> None:
    images = torch.rand(4, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    for shift in (-0.2, -0.01, 0.01, 0.2):
        others = (images + shift).clamp(0.001, 0.999)
        assert binary_cross_entropy(others, images) > entropy(images)


@pytest.mark.needs_data
def test_the_floor_of_the_test_images_of_mnist_is_the_published_one() -> None:
    test = load(DataOptions(dataset="mnist", validation=5000)).test
    counts = np.bincount(test.images[test.indices].ravel(), minlength=256)
    levels = torch.arange(256) / 255
    floor = sum(n * entropy(level).item() for n, level in zip(counts, levels, strict=True))
    assert floor / counts.sum() == pytest.approx(0.0581, abs=5e-5)
