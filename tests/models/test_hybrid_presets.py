"""The presets of the published CIFAR-10 hybrid: its networks, its figures, its budget."""

from typing import Any

import pytest

from autoae.spec.config import Configuration
from autoae.spec.plan import NetworkPlan, plan_network
from autoae.spec.reading import read_study

PUBLISHED = {
    "v1": (58.95, 58.50),
    "v1.1": (59.58, 59.79),
    "v1.2": (60.76, 59.94),
    "v2": (80.11, 79.92),
    "v2.1": (77.72, 77.36),
    "v2.2": (82.69, 82.95),
    "v2.3": (84.11, 83.80),
    "v3": (79.23, 79.25),
    "v3.1": (78.72, 79.30),
    "v3.2": (80.63, 81.17),
    "v3.3": (81.51, 81.38),
    "v4": (82.92, None),
}
"""Accuracies in per cent with beta 1 and beta 0."""

OTHERS = {"v2", "v3.2", "v3.3"}
"""Versions of which beta 0 was published with another network."""

V4 = {
    "v4": 82.92,
    "dropout": 83.56,
    "dropout conv": 83.56,
    "gamma": 85.69,
    "gamma beta 0": 84.01,
    "no decoder": 85.27,
    "two stages": 84.56,
    "stride": 82.99,
    "adam lr 0.001": 82.89,
    "adagrad lr 0.01": 76.66,
}


def configuration(preset: str, variant: str) -> Configuration:
    spec = read_study(preset)
    return spec.configuration(lambda key, _: variant if key == "variant" else 0)


def planned(preset: str, variant: str) -> NetworkPlan:
    chosen = configuration(preset, variant)
    side = chosen.data.resize or 32
    return plan_network(chosen.model, (3, side, side), 10)


def dump(preset: str, variant: str) -> dict[str, Any]:
    return configuration(preset, variant).model_dump()


def claims(preset: str) -> dict[str, float]:
    found = read_study(preset).settings.claims
    assert all(claim.source and claim.protocol for claim in found)
    assert {claim.metric for claim in found} == {"test_accuracy"}
    return {claim.variant: claim.value for claim in found}


def test_every_published_accuracy_is_a_claim() -> None:
    expected = {name: both[0] / 100 for name, both in PUBLISHED.items()}
    for name, (_, without) in PUBLISHED.items():
        if without is not None:
            key = f"{name} beta 0 as published" if name in OTHERS else f"{name} beta 0"
            expected[key] = without / 100
    assert claims("cifar-hybrid-versions") == pytest.approx(expected)
    assert claims("cifar-hybrid-v4") == pytest.approx({k: v / 100 for k, v in V4.items()})


@pytest.mark.parametrize("version", PUBLISHED)
def test_beta_0_has_the_same_network(version: str) -> None:
    one, zero = (dump("cifar-hybrid-versions", f"{version}{end}") for end in ("", " beta 0"))
    assert (one["loss"].pop("beta"), zero["loss"].pop("beta")) == (None, 0.0)
    assert one == zero


@pytest.mark.parametrize(
    ("variant", "network"),
    [
        ("v2 beta 0 as published", "C(32) > C(32) > C(64) > L(512) | L(512) > L'(10)"),
        ("v3.2 beta 0 as published", "C'(32) > C(32) > C'(32) > C(32) > C'(64) > C(64) | "
         "C'(128) > L'(10)"),
        ("v3.3 beta 0 as published", "C'(32) > C(32) > C'(32) > C(32) | C'(64) > C(64) > C'(128) > "
         "L'(10)"),
        ("v4", "C'(32) > C(32) | C'(32) > C(64) > C(64) > L(512) > L(128) > L'(10)"),
    ],
)  # fmt: skip
def test_a_network_is_as_published(variant: str, network: str) -> None:
    assert planned("cifar-hybrid-versions", variant).notation == network


def test_one_version_takes_larger_images() -> None:
    assert planned("cifar-hybrid-versions", "v2.3").image == (3, 64, 64)
    assert planned("cifar-hybrid-versions", "v2.2").image == (3, 32, 32)


@pytest.mark.parametrize("preset", ["cifar-hybrid-versions", "cifar-hybrid-v4"])
def test_the_budget_is_the_published_one(preset: str) -> None:
    spec = read_study(preset)
    training, data = configuration(preset, "v4").training, configuration(preset, "v4").data
    assert (training.optimizer, training.lr, training.momentum) == ("momentum", 0.01, 0.9)
    assert (training.weight_decay, training.batch_size, training.epochs) == (1e-4, 32, 40)
    assert (training.schedule, training.schedule_every) == ("step", 10)
    assert training.schedule_factor == 0.1
    assert (data.normalize, data.augment) == ("imagenet", ("flip",))
    assert spec.settings.search.seeds == 3


@pytest.mark.parametrize(
    ("variant", "dropout"),
    [
        ("v4", [0.0] * 8),
        ("dropout conv", [0.0, 0.0, 0.3, 0.3, 0.0, 0.0, 0.0, 0.0]),
        ("dropout", [0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.3, 0.0]),
        ("gamma", [0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.3, 0.0]),
    ],
)
def test_dropout_is_in_both_places_that_were_published(variant: str, dropout: list[float]) -> None:
    plan = planned("cifar-hybrid-v4", variant)
    assert [block.dropout for block in (*plan.encoder, *plan.head)] == dropout
    gamma = configuration("cifar-hybrid-v4", variant).loss.gamma
    assert gamma == (0.001 if variant == "gamma" else 0.0)


def test_what_else_is_varied_of_v4() -> None:
    of = {
        name: dump("cifar-hybrid-v4", name)
        for name in read_study("cifar-hybrid-v4").settings.variants
    }
    rates = {
        (d["training"]["optimizer"], d["training"]["lr"])
        for d in of.values()
        if d["training"]["optimizer"] != "momentum"
    }
    assert {lr for optimizer, lr in rates if optimizer == "adagrad"} == {0.1, 0.01, 0.001, 0.0001}
    assert {lr for optimizer, lr in rates if optimizer == "adam"} == {0.01, 0.001, 0.0001}
    assert of["two stages"]["training"]["end_to_end"] is False
    assert of["no decoder"]["model"]["decoder"] == "none"
    assert [planned("cifar-hybrid-v4", "stride").encoder[1].pool] == [1]
    assert {d["loss"]["beta"] for d in of.values()} >= {None, 0.0, 0.1, 0.5, 2.0}
    assert {d["loss"]["alpha"] for d in of.values()} == {None, 0.5, 2.0}
    parts = {(d["loss"]["delta"], d["model"]["bridge"]) for d in of.values()}
    assert parts == {(0.0, None), (1.0, None), (0.0, 16), (1.0, 16)}
    assert {d["loss"]["jigsaw_grid"] for d in of.values() if d["loss"]["delta"]} == {2, 4}
