"""What a model is worth on the test images, which neither sampler nor pruner has seen."""

from functools import cache

import torch

from autoae.data import load
from autoae.data.resident import ResidentData, resident
from autoae.models import Network
from autoae.spec.config import Configuration, DataOptions
from autoae.training.examination import examine


def score(network: Network, configuration: Configuration, metric: str) -> float:
    """One figure, such as `val_accuracy`, on the test images in place of the validation images."""
    data = _data(configuration.data.model_dump_json())
    found = examine(network, configuration, data)
    return {**found.pictures, **found.answers}[metric.removeprefix("val_")]


@cache
def _data(options: str) -> ResidentData:
    known = DataOptions.model_validate_json(options)
    return resident(load(known), known, torch.device("cpu"))
