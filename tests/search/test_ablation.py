"""An ablation: one factor at a time, the same seeds on both sides, everything trained in full."""

from collections import Counter

import pytest
import torch
from torch import nn

from autoae.data import load
from autoae.data.resident import ResidentData, resident
from autoae.models import build
from autoae.spec.config import Configuration, ModelOptions
from autoae.spec.errors import SpecError
from autoae.store.snapshot import TrialSnapshot
from autoae.training import Selection, Training
from tests.models.architectures import options
from tests.search.support import create, run, snapshot, tiny

ABLATION = """\
data: {limit: 200, validation: 100, order_seed: {values: [null, 1000]}}
model:
  encoder: {kind: mlp, depth: {values: [1, 2]}, width: {values: [8, 16]}}
  latent: 4
  task: classify
  dropout: 0.2
training: {lr: {values: [0.01, 0.1, 0.001]}, epochs: 3, device: cpu, precision: float32}
search: {method: ablation, seeds: 2, pruner: median}
"""
CPU = torch.device("cpu")


def changes(trial: TrialSnapshot, baseline: TrialSnapshot) -> dict[str, object]:
    return {k: v for k, v in trial.params.items() if baseline.params.get(k) != v and k != "seed"}


def test_it_runs_every_variant_with_every_seed_to_the_end(url: str) -> None:
    create(url, tiny(text=ABLATION))
    assert dict(run(url).finished) == {"COMPLETE": 12}
    trials = snapshot(url).trials
    assert all(trial.epochs == 3 for trial in trials)  # Whatever pruner the file names.
    assert Counter(trial.seed for trial in trials) == {0: 6, 1: 6}
    assert changes(trials[0], trials[0]) == {}
    assert [changes(trial, trials[0]) for trial in trials[1:6]] == [
        {"data.order_seed": 1000},
        {"model.encoder.depth": 2, "model.encoder.width.2": 8},
        {"model.encoder.width.1": 16},
        {"training.lr": 0.1},
        {"training.lr": 0.001},
    ]


def test_pairs_vary_every_two_factors(url: str) -> None:
    text = ABLATION.replace("seeds: 2", "seeds: 1, pairs: true")
    create(url, tiny(text=text))
    run(url)
    trials = snapshot(url).trials
    found = [changes(trial, trials[0]) for trial in trials]
    assert {"data.order_seed": 1000, "training.lr": 0.1} in found
    # A second layer has a width to vary only where there is a second layer.
    assert {"model.encoder.depth": 2, "model.encoder.width.2": 16} in found
    assert len({str(each) for each in found}) == len(found) == 16


def test_a_range_without_a_baseline_is_refused() -> None:
    text = ABLATION.replace("{values: [0.01, 0.1, 0.001]}", "{min: 0.001, max: 0.1}")
    with pytest.raises(SpecError, match="its baseline first") as refused:
        tiny(text=text)
    assert refused.value.key == "training.lr"


@pytest.mark.parametrize("init", ["default", "kaiming"])
def test_one_seed_gives_the_same_weights_where_place_and_shape_agree(init: str) -> None:
    baseline = options("C(4) > C(8) > L(16)", latent=3, task="classify", init=init)
    changed = [
        options("C(6) > C(8) > L(16)", latent=3, task="classify", init=init),
        options("C(4) > C(8) > L(16)", latent=5, task="classify", init=init, batch_norm=True),
        options("C(4) > C(4) > C(8) > L(16)", latent=3, task="classify", init=init),
    ]
    for other in changed:
        first, second = weights(baseline), weights(other)
        agreeing = [k for k in first if k in second and shapes(first[k]) == shapes(second[k])]
        assert len(agreeing) >= 4
        for name in agreeing:
            assert all(map(torch.equal, first[name], second[name]))


Weights = tuple[torch.Tensor, ...]


def shapes(layer: Weights) -> list[torch.Size]:
    return [weights.shape for weights in layer]


def weights(model: ModelOptions) -> dict[str, Weights]:
    """Weight and bias of each layer by its place; of a decoder, by the way to the image."""
    network = build(model, (1, 16, 16), 10, seed=7)
    decoder = network.decoder or nn.Sequential()
    blocks = {f"decoder {len(decoder) - i}": block for i, block in enumerate(decoder)}
    parts = {"encoder": network.encoder, "head": network.head, "latent": network.to_latent}
    return {
        f"{place} {name}": tuple(layer.parameters())
        for place, part in {**parts, **blocks}.items()
        if part is not None
        for name, layer in part.named_modules()
        if name.endswith("layer")
    }


@pytest.fixture(scope="module")
def digits() -> ResidentData:
    configuration = tiny(text=ABLATION).configuration(lambda _, domain: domain.ends[0])
    return resident(load(configuration.data), configuration.data, CPU)


def training(params: dict[str, object], data: ResidentData) -> Training:
    configuration = chosen(params)
    return Training.create([configuration], data, select=Selection.by("val_loss"), device=CPU)


def chosen(params: dict[str, object]) -> Configuration:
    """The configuration of a run of the ablation, the baseline but for some parameters."""
    spec = tiny(text=ABLATION)
    return spec.configuration(lambda key, domain: params.get(key, domain.ends[0]))  # type: ignore[return-value, arg-type]


def order(training: Training, data: ResidentData) -> list[int]:
    """The labels of the next epoch, in the order in which they come."""
    batches = data.train_batches(16, training.member(0).random.batches)
    return [label for batch in batches for label in batch.labels.tolist()]


def test_one_seed_gives_the_same_batches(digits: ResidentData) -> None:
    baseline = training({"seed": 1}, digits)
    wider = training({"seed": 1, "model.encoder.width.1": 16}, digits)
    other = training({"seed": 0}, digits)
    orders = [order(each, digits) for each in (baseline, wider, other)]
    assert orders[0] == orders[1] != orders[2]


def test_the_order_of_batches_has_a_seed_of_its_own(digits: ResidentData) -> None:
    baseline = training({"seed": 1}, digits)
    shuffled = training({"seed": 1, "data.order_seed": 1000}, digits)
    states = [each.member(0).network.state_dict() for each in (baseline, shuffled)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    dropouts = [each.member(0).random.state_dict()["dropout"] for each in (baseline, shuffled)]
    assert all(torch.equal(one, other) for one, other in zip(*dropouts, strict=True))
    assert order(baseline, digits) != order(shuffled, digits)


def test_the_order_of_batches_moves_with_the_seed() -> None:
    seeds = [chosen({"seed": seed, "data.order_seed": 1000}).data.order_seed for seed in (0, 1)]
    assert seeds == [1000, 1001]
    assert chosen({"seed": 1}).data.order_seed is None
