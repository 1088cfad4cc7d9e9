"""How long one small network trains on an image, by the size of the image."""

from statistics import median
from time import perf_counter

import torch

from autoae.data import load
from autoae.data.resident import resident
from autoae.spec.config import Configuration
from autoae.training import Selection, Training, fit

EPOCHS = 3
"""That count, after a first one."""


def seconds_an_image(side: int, images: int) -> float:
    """Seconds of an epoch on one thread, by its images; the median of a few.

    Args:
        side: Pixels a side; the digits of scikit-learn are enlarged to it.
        images: Of an epoch.
    """
    torch.set_num_threads(1)
    cpu = torch.device("cpu")
    configuration = Configuration.model_validate(
        {
            "data": {"dataset": "digits", "resize": side, "limit": images, "validation": 0},
            # Convolutions alone: a linear layer would be another one for every size.
            "model": {"encoder": "S(16) > S(32)", "latent": "spatial"},
            "training": {"epochs": EPOCHS + 1, "batch_size": 32, "precision": "float32"},
        }
    )
    data = resident(load(configuration.data), configuration.data, cpu)
    select = Selection.by("train_loss")
    epochs = fit(Training.create([configuration], data, select=select, device=cpu), data)
    next(epochs)
    seconds = []
    for _ in range(EPOCHS):
        start = perf_counter()
        next(epochs)
        seconds.append(perf_counter() - start)
    return median(seconds) / images
