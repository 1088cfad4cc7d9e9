"""One trial of each published list: it learns, and beats the mean image."""

import numpy as np
import pytest
import torch

from autoae.data import load
from autoae.data.images import ImageData
from autoae.data.resident import resident
from autoae.spec.reading import read_study
from autoae.training import Selection, Training, fit

VARIANTS = {
    "mnist-cae-filters": "16-32-32",
    "mnist-cae-latent": "latent 64",
    "mnist-cae-batchnorm": "with",
    "mnist-cae-activation": "LeakyReLU 0.1",
    "mnist-cae-depth": "2 layers",
    "mnist-cae-tradeoff": "as announced with 2 blocks",
    "fashion-conv-ae": "64x7x7",
}
"""Of each preset one that learns fast, so that a tenth of its quick profile is enough."""


def mean_image_error(data: ImageData) -> float:
    train, held_out = (
        split.images[split.indices].astype(np.float64) / 255
        for split in (data.train, data.validation)
    )
    return float(((held_out - train.mean(0)) ** 2).mean())


@pytest.mark.needs_data
@pytest.mark.parametrize("preset", VARIANTS)
def test_a_trial_beats_the_mean_image(preset: str) -> None:
    small = ["data.limit=2000", "data.validation=200", "training.lr=0.003"]
    spec = read_study(preset, profile="quick", overrides=[*small, "training.epochs=2"])
    configuration = spec.configuration(lambda key, _: VARIANTS[preset] if key == "variant" else 0)
    device = torch.device("cpu")
    data = load(configuration.data)
    images = resident(data, configuration.data, device)
    select = Selection.by(spec.objectives[0].metric)
    training = Training.create([configuration], images, select=select, device=device)
    *_, last = fit(training, images)
    assert last.metrics[0]["val_mse"] < mean_image_error(data)
