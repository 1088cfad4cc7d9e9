"""What is searched to learn how soon a search is good: two spaces on small images."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Way = str
"""`random`, `autoae` or `plain`."""

_SEARCH = {
    "random": {"method": "random", "pruner": "none"},
    "autoae": {},
    "plain": {"method": "tpe", "pruner": "median"},
}
"""Nothing is said of the default: TPE and successive halving."""


@dataclass(frozen=True)
class QualityCase:
    """A space and the clocks of its searches.

    Attributes:
        name: As tables show it.
        tree: The sections of its study file.
        seconds: Of the searches of each way.
        target: How many times sooner than the plain script.
    """

    name: str
    tree: dict[str, Any]
    seconds: Mapping[Way, float]
    target: float

    def study(self, way: Way, seed: int) -> str:
        """The study file of one way and one seed, which draws samples and initial weights."""
        training = {**self.tree["training"], "seed": seed, "device": "cpu"}
        search = {**_SEARCH[way], "seed": seed}
        # JSON is YAML.
        return json.dumps({**self.tree, "training": training, "search": search})


DIGITS = QualityCase(
    name="conv classifier, digits",
    tree={
        "data": {"dataset": "digits", "limit": 300, "validation": 400},
        "model": {
            "encoder": {
                "kind": "conv",
                "depth": {"min": 1, "max": 2},
                "width": {"values": [8, 16, 32]},
                "down": {"values": ["pool", "stride"]},
            },
            "latent": {"min": 4, "max": 64, "log": True},
            "decoder": "none",
            "task": "classify",
            "head": {"values": ["L'(10)", "L(64) > L'(10)"]},
            "activation": {"values": ["relu", "leaky_relu", "gelu"]},
            "batch_norm": {"values": [True, False]},
        },
        "loss": {"gamma": {"min": 1e-6, "max": 1e-2, "log": True}},
        "training": {
            "optimizer": {"values": ["momentum", "adam", "adamw"]},
            "lr": {"min": 1e-4, "max": 1e-1, "log": True},
            "batch_size": 128,
            "epochs": 16,
        },
        "objectives": [{"metric": "val_accuracy", "direction": "maximize"}],
    },
    seconds={"random": 8.0, "autoae": 5.0, "plain": 6.0},
    target=3.0,
)
"""The space of the preset `digits-hybrid`, without its decoder: 1,097 images are left over."""

FASHION = QualityCase(
    name="MLP, FashionMNIST",
    tree={
        "data": {"dataset": "fashion-mnist", "limit": 1280, "validation": 1280},
        "model": {
            "encoder": {
                "kind": "mlp",
                "depth": {"min": 1, "max": 3},
                "width": {"min": 4, "max": 128, "log": True},
            },
            "decoder": "none",
            "task": "classify",
            "dropout": {"min": 0.2, "max": 0.5},
        },
        "training": {
            "optimizer": {"values": ["adam", "rmsprop", "sgd"]},
            "lr": {"min": 1e-5, "max": 1e-1, "log": True},
            "batch_size": 128,
            "epochs": 10,
        },
        "objectives": [{"metric": "val_accuracy", "direction": "maximize"}],
    },
    seconds={"random": 8.0, "autoae": 5.0, "plain": 8.0},
    target=12.0,
)
"""That of Optuna's own example for PyTorch, on a third of its training images."""

CASES = (DIGITS, FASHION)
