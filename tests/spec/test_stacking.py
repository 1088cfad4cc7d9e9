"""Which trainings can be one stack."""

from collections.abc import Mapping

import pytest

from autoae.spec.config import Configuration
from autoae.spec.stacking import is_free, stacking_key, why_alone

Section = Mapping[str, object]


def configured(**sections: Section) -> Configuration:
    model = {"encoder": "L(24)", "latent": 6, "task": "classify", **sections.get("model", {})}
    return Configuration.model_validate({**sections, "model": model})


ALIKE = [
    configured(),
    configured(training={"seed": 2, "lr": 0.003, "weight_decay": 0.1, "momentum": 0.5}),
    configured(loss={"alpha": 0.2, "beta": 3.0}, data={"order_seed": 9}, model={"init": "xavier"}),
    configured(training={"schedule": "step", "schedule_every": 1, "epochs": 3}),
]


ALONE: dict[str, tuple[dict[str, Section], str]] = {
    "dropout": ({"model": {"dropout": 0.2}}, "dropout draws"),
    "dropout in notation": ({"model": {"head": "L(8,d0.2) > L'(3)"}}, "dropout draws"),
    "engine": ({"training": {"engine": "numpy"}}, "one network at a time"),
    "stages": ({"training": {"end_to_end": False}}, "two stages"),
    "jigsaw": ({"loss": {"delta": 1.0}}, "jigsaw"),
    "gradients": ({"training": {"gradients": True}}, "gradients of its layers"),
    "backbone": ({"model": {"encoder": {"kind": "resnet50"}}}, "trained alone"),
}


@pytest.mark.parametrize("name", ALONE)
def test_what_is_trained_alone_says_why(name: str) -> None:
    sections, reason = ALONE[name]
    configuration = configured(**sections)
    assert reason in why_alone(configuration)
    assert stacking_key(configuration) is None


def test_trainings_of_one_shape_stack() -> None:
    keys = {stacking_key(each) for each in ALIKE}
    assert len(keys) == 1
    others = [
        configured(loss={"beta": 0.0}),
        configured(model={"latent": 7}),
        configured(training={"optimizer": "sgd"}),
        configured(training={"batch_size": 8}),
        configured(data={"limit": 40}),
    ]
    assert len(keys | {stacking_key(each) for each in others}) == 6


@pytest.mark.parametrize(
    ("parameter", "free"),
    [
        ("training.lr", True),
        ("loss.beta", True),
        ("seed", True),
        ("variant", False),
        ("model.encoder.width.1", False),
        ("training.optimizer", False),
        ("data.limit", False),
    ],
)
def test_parameters_that_make_no_shape_are_free(parameter: str, *, free: bool) -> None:
    assert is_free(parameter) is free
