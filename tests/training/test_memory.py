"""Memory is estimated from shapes, and what does not fit is made smaller before it starts."""

from collections.abc import Callable

import pytest
import torch

from autoae.models import build, outline
from autoae.training import Selection, Training, fit
from autoae.training.evaluation import evaluate
from autoae.training.memory import (
    Pass,
    alone_bytes,
    free_bytes,
    parts_that_fit,
    stacked_bytes,
    validated_at_once,
)
from autoae.training.stacks.replay import Figures
from tests.training.live import Live
from tests.training.toy import (
    CPU,
    SIZE,
    VALIDATION,
    Section,
    toy_configuration,
    toy_data,
    toy_training,
)

IMAGE = (1, SIZE, SIZE)
MODELS: list[Section] = [
    {},
    {"encoder": "C(4) > S(6)", "batch_norm": True},
    {"encoder": "C'(4) > C(4)", "latent": "spatial", "head": "C'(4) > L'(3)"},
]


@pytest.mark.parametrize("model", MODELS)
def test_the_estimate_holds_what_autograd_keeps_and_not_much_more(model: Section) -> None:
    options = toy_configuration(model=model).model
    network = build(options, IMAGE, 3, seed=0)
    known = {weight.data_ptr() for weight in network.parameters()}
    kept = dict[int, int]()

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in known:
            kept[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = network(torch.rand(16, *IMAGE))
    del output
    found = Pass.of(outline(options, IMAGE, 3), 16).trained
    assert sum(kept.values()) < found < 3 * sum(kept.values())


@pytest.mark.parametrize("mean", [None, [0.4]])
@pytest.mark.parametrize("model", [*MODELS, {"encoder": "R(9) > R(9)", "batch_norm": True}])
def test_the_estimate_holds_what_validation_takes_and_not_much_more(
    model: Section, mean: list[float] | None
) -> None:
    configuration, data = toy_configuration(model=model), toy_data(mean=mean, deviation=mean)
    network = build(configuration.model, IMAGE, 3, seed=0)
    with Live() as live:
        evaluate(network, configuration, data.validation_batches(VALIDATION), data, "float32")
    found = Pass.of(outline(configuration.model, IMAGE, 3), VALIDATION).seen
    assert live.peak < found < 2.5 * live.peak


@pytest.mark.parametrize(
    ("pixels", "batch", "parts", "images"),
    [
        # 32 images of 8 x 8 by their pixels; in as many parts as the training.
        (2048, 16, 1, 32),
        (2048, 16, 2, 16),
        (2048, 16, 3, 11),
        # Never fewer than are trained on at a time.
        (2048, 40, 1, 40),
        (2048, 40, 2, 20),
        (64, 16, 1, 16),
        (64, 16, 4, 4),
    ],
)
def test_validation_batches_go_by_pixels_parts_and_training(
    pixels: int, batch: int, parts: int, images: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.training.batches.PIXELS_ON_CPU", pixels)
    data, select = toy_data(), Selection.by("val_loss")
    configuration = toy_configuration(training={"batch_size": batch, "epochs": 1})
    training = Training.create([configuration], data, select=select, device=CPU, parts=parts)
    list(fit(training, data))
    look = training.member(0).best.look
    assert look is not None
    assert len(look.labels[0]) == min(images, VALIDATION)


@pytest.mark.parametrize(("free", "images"), [(1e9, 512), (100.5, 90), (10, 16), (0, 16)])
@pytest.mark.parametrize("many", [1, 4])
def test_validation_gives_way_where_memory_is_short(
    free: float, images: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    configurations = [toy_configuration(training={"batch_size": 16 // many})] * many
    members = toy_training(*configurations, data=toy_data()).members
    each = Pass.of(outline(configurations[0].model, IMAGE, 3), 16).seen / 16
    monkeypatch.setattr("autoae.training.memory.free_bytes", lambda _: int(free * each))
    assert validated_at_once(members) == images // many


def test_it_grows_with_batch_and_optimizer() -> None:
    small, large = (toy_configuration(training={"batch_size": size}) for size in (16, 64))
    plain = toy_configuration(training={"optimizer": "sgd"})
    for estimate in (alone_bytes, stacked_bytes):
        assert estimate(plain, IMAGE, 3) < estimate(small, IMAGE, 3) < estimate(large, IMAGE, 3)
    assert alone_bytes(large, IMAGE, 3, parts=4) == alone_bytes(small, IMAGE, 3)


def test_what_is_replayed_takes_more() -> None:
    configuration = toy_configuration()
    plain, replayed = (
        stacked_bytes(configuration, IMAGE, 3, replayed=way) for way in (False, True)
    )
    activations = Pass.of(outline(configuration.model, IMAGE, 3), 16).trained
    assert plain + activations < replayed < 2 * plain


def test_a_cpu_lends_more_than_it_has() -> None:
    assert free_bytes(CPU) is None
    assert parts_that_fit(toy_configuration(), IMAGE, 3, CPU) == 1


@pytest.mark.parametrize(("share", "parts"), [(4.0, 1), (1.0, 2), (0.01, 32)])
def test_batches_pass_in_parts_that_fit(
    share: float, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = toy_configuration(training={"batch_size": 64})
    free = int(share * alone_bytes(configuration, IMAGE, 3))
    monkeypatch.setattr("autoae.training.memory.free_bytes", lambda _: free)
    assert parts_that_fit(configuration, IMAGE, 3, CPU) == parts


@pytest.mark.parametrize(("members", "most"), [(0.5, 1), (2.5, 2), (100, 5)])
def test_stacks_begin_as_large_as_they_fit(
    members: float, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    configurations = [toy_configuration(training={"seed": seed, "epochs": 1}) for seed in range(5)]
    free = int(members / 0.9 * stacked_bytes(configurations[0], IMAGE, 3))
    monkeypatch.setattr("autoae.training.memory.free_bytes", lambda _: free)
    data, select = toy_data(train=16, validation=8), Selection.by("val_loss")
    training = Training.create(configurations, data, select=select, device=CPU, stacked=True)
    assert training.stacks is not None
    assert training.stacks.most == most
    told = [f"memory for {most} of 5 at a time, by estimate"] if most < 5 else []
    assert training.stacks.notes == told
    assert [set(report.metrics) for report in fit(training, data)] == [set(range(5))]


@pytest.mark.parametrize(("members", "replays"), [(0.5, False), (1.5, True)])
def test_steps_are_replayed_where_there_is_memory_for_that(
    members: float, replays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = toy_configuration(training={"epochs": 1})
    free = int(members / 0.9 * stacked_bytes(configuration, IMAGE, 3, replayed=True))
    monkeypatch.setattr("autoae.training.memory.free_bytes", lambda _: free)
    recorded = list[int]()

    def record(step: Callable[[], Figures]) -> Callable[[], Figures]:
        recorded.append(1)
        return step

    monkeypatch.setattr("autoae.training.stacks.stacks.record_for", lambda _: record)
    data, select = toy_data(train=16, validation=8), Selection.by("val_loss")
    training = Training.create([configuration], data, select=select, device=CPU, stacked=True)
    assert [set(report.metrics) for report in fit(training, data)] == [{0}]
    assert bool(recorded) is replays
    assert training.stacks is not None
    told = [] if replays else ["no memory to replay steps as a CUDA graph, by estimate"]
    assert training.stacks.notes == told
