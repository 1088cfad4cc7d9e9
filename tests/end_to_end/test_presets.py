"""Each preset of real images learns something: better than guessing, better than the mean image."""

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from autoae.data import load
from autoae.data.images import ImageData
from autoae.spec.config import DataOptions
from autoae.spec.presets import preset_names
from autoae.store.snapshot import TrialSnapshot
from tests.end_to_end.trainings import trained

TINY = ("search.trials=1", "training.epochs=2", "data.limit=120", "data.validation=60")
SMALL = ("search.trials=1", "training.epochs=3", "data.limit=1000")
NARROW = (
    "model.encoder.width=16",
    "training.optimizer=adam",
    "training.lr=0.003",
    "training.batch_size=20",
)
"""Of the spaces of convolutions: a network that learns something in so little time."""
GOOD = ("training.optimizer=adam", "training.lr=0.001", "model.init=xavier", "loss.gamma=0.0")
"""Of the sweep most combinations learn nothing in so little time."""
SWEPT = ("search.trials=3", "training.epochs=2", "data.limit=2000")


def best(trials: Iterable[TrialSnapshot], metric: str) -> float:
    figures = [trial.metrics[metric] for trial in trials if trial.state == "COMPLETE"]
    return max(figures) if metric == "val_accuracy" else min(figures)


def majority(data: ImageData) -> float:
    counts = np.bincount(data.validation.labels[data.validation.indices])
    return float(counts.max() / counts.sum())


def mean_image_mse(data: ImageData) -> float:
    train, validation = (
        split.images[split.indices].astype(np.float32) / 255
        for split in (data.train, data.validation)
    )
    return float(((validation - train.mean(axis=0)) ** 2).mean())


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("preset", "dataset"),
    [("mnist-cae", "mnist"), ("fashion-cae", "fashion-mnist"), ("cifar-hybrid", "cifar10")],
)
def test_a_preset_beats_its_baseline(tmp_path: Path, preset: str, dataset: str) -> None:
    trials = trained(tmp_path, preset, (*SMALL, *NARROW))
    data = load(DataOptions(dataset=dataset, validation=1000, limit=1000))
    assert best(trials, "val_mse") < mean_image_mse(data)
    if preset == "cifar-hybrid":
        assert best(trials, "val_accuracy") > majority(data)


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("preset", "settings"),
    [("fashion-mlp-sweep", GOOD), ("fashion-mlp-optimizers", ()), ("fashion-mlp-losses", ())],
)
def test_a_perceptron_in_numpy_beats_guessing(
    tmp_path: Path, preset: str, settings: tuple[str, ...]
) -> None:
    trials = trained(tmp_path, preset, (*SWEPT, *settings))
    data = load(DataOptions(dataset="fashion-mnist", validation=1000, limit=2000))
    assert best(trials, "val_accuracy") > 2 * majority(data)


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("preset", preset_names())
def test_one_trial_of_every_preset(tmp_path: Path, preset: str) -> None:
    (trial,) = trained(tmp_path, preset, TINY)
    assert (trial.state, trial.reason) == ("COMPLETE", "")
    assert all(math.isfinite(value) for value in trial.values)
