"""A stack trains every member as if it were trained alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import pytest
import torch
from torch.nn import Parameter

from autoae.data.resident import Batch, ResidentData
from autoae.spec.config import Configuration, TrainingOptions
from autoae.spec.stacking import stacking_key, why_alone
from autoae.training import Diverged, Selection, Training, fit
from autoae.training.optimizers import OPTIMIZERS, make_optimizer
from autoae.training.stacks.replay import Figures, Record, record_for
from autoae.training.stacks.rules import RULES, Rates, begun
from autoae.training.stacks.stack import Stack
from autoae.training.stacks.stacks import Stacks
from tests.training.toy import CPU, Section, comparable, toy_configuration, toy_data


class Exact(ResidentData):
    """Images in float64, where rounding hides nothing."""

    def _batch(self, images: torch.Tensor, labels: torch.Tensor) -> Batch:
        batch = super()._batch(images, labels)
        return Batch(batch.images.double(), batch.labels)


def exact_data(**options: object) -> ResidentData:
    data = toy_data(**options)  # type: ignore[arg-type]
    data.__class__ = Exact
    return data


def created(
    configurations: Sequence[Configuration], data: ResidentData, *, stacked: bool
) -> Training:
    """A training of networks in float64."""
    select = Selection.by("val_loss")
    torch.set_default_dtype(torch.float64)
    try:
        return Training.create(configurations, data, select=select, device=CPU, stacked=stacked)
    finally:
        torch.set_default_dtype(torch.float32)


def members(**sections: Section) -> list[Configuration]:
    """Four that stack: they differ in seed, rates and weights of the loss."""
    ways: list[dict[str, dict[str, object]]] = [
        {"training": {"seed": 1}},
        {"training": {"seed": 2, "lr": 0.003, "weight_decay": 0.1}},
        {"training": {"seed": 3, "momentum": 0.5}, "loss": {"alpha": 0.2, "beta": 3.0}},
        {"training": {"seed": 1, "schedule": "step", "schedule_every": 1}},
    ]
    return [
        toy_configuration(
            data=sections.get("data"),
            model=sections.get("model"),
            loss={**sections.get("loss", {}), **way.get("loss", {})},
            training={**sections.get("training", {}), **way["training"]},
        )
        for way in ways
    ]


def epochs(training: Training, data: ResidentData) -> Iterator[list[dict[str, float]]]:
    """The metrics of all members, epoch by epoch."""
    for report in fit(training, data):
        yield [comparable(metrics) for metrics in report.metrics.values()]


def assert_same_members(one: Training, other: Training) -> None:
    """All that a checkpoint keeps is the same, but for times."""
    for mine, theirs in zip(one.members, other.members, strict=True):
        assert_close(_kept(mine.state_dict()), _kept(theirs.state_dict()))


assert_close = partial(torch.testing.assert_close, rtol=1e-9, atol=1e-11)


def _kept(state: Mapping[str, object]) -> dict[str, object]:
    optimizer = state["optimizer"]
    assert isinstance(optimizer, dict)
    kept = {"network": state["network"], "optimizer": optimizer["state"], "best": state["best"]}
    best = state["best"]
    assert isinstance(best, dict)
    random = state["random"]
    assert isinstance(random, dict)
    return {**kept, "best": best["weights"], "order": random["batches"]}


CONV: Section = {"encoder": "C(4) > S(6)", "latent": 5}
# A bias before batch normalisation has no gradient but rounding, of which Adam makes steps.
NORMED: Section = {"optimizer": "nesterov"}
NETWORKS: dict[str, dict[str, Section]] = {
    "hybrid of linear layers": {},
    "no decoder": {"model": {"decoder": "none"}, "loss": {"alpha": 1.0}},
    "penalty": {"loss": {"gamma": 0.01}},
    "convolutions, cross-entropy of pixels": {"model": CONV, "loss": {"reconstruction": "bce"}},
    "batch normalisation": {
        "model": {**CONV, "batch_norm": True, "up": "nearest"}, "training": NORMED
    },
    "spatial latent, head of convolutions": {
        "model": {"encoder": "C'(4) > C(4)", "latent": "spatial", "head": "C'(4) > L'(3)"}
    },
    "residual blocks": {
        "model": {"encoder": "R(4,m2) > R(6)", "batch_norm": True}, "training": NORMED
    },
    "bridge": {"model": {"encoder": "C'(4) > C(4)", "bridge": 3}},
    "linear output, augmented": {
        "model": {**CONV, "output": "linear"}, "data": {"augment": ["flip", "crop"]}
    },
    "squared error, softmax twice": {"loss": {"task": "squared_error", "softmax_twice": True}},
}  # fmt: skip


def without_decoder(sections: dict[str, Section]) -> list[Configuration]:
    """The weight of a reconstruction that there is not has to be left out."""
    found = members(**sections)
    if found[0].has_decoder:
        return found
    return [
        each.model_copy(update={"loss": each.loss.model_copy(update={"beta": None})})
        for each in found
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_members_are_trained_as_alone(name: str) -> None:
    configurations = without_decoder(NETWORKS[name])
    data = exact_data(options=configurations[0].data, train=40, validation=20)
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(stacked, alone)


def test_both_know_the_same_optimizers() -> None:
    assert set(RULES) == set(OPTIMIZERS)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_rules_take_the_steps_of_torch(optimizer: str) -> None:
    generator = torch.Generator().manual_seed(5)
    starts = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    slopes = torch.randn(9, 3, 4, generator=generator, dtype=torch.float64)
    options = [
        TrainingOptions.model_validate(
            {"optimizer": optimizer, "lr": lr, "momentum": momentum, "weight_decay": decay}
        )
        for lr, momentum, decay in ((0.1, 0.0, 0.0), (1e-3, 0.9, 0.1), (0.02, 0.5, 0.01))
    ]
    matrix = starts.clone()
    memory = begun(RULES[optimizer], matrix)
    columns = (
        torch.tensor([getattr(each, name) for each in options], dtype=torch.float64)[:, None]
        for name in ("lr", "momentum", "weight_decay")
    )
    rates = Rates(*columns)
    weights = [Parameter(start.clone()) for start in starts]
    theirs = [make_optimizer([w], each, CPU) for w, each in zip(weights, options, strict=True)]
    for slope in slopes:
        RULES[optimizer].step(matrix, slope.clone(), memory, rates)
        for weight, own, each in zip(weights, slope, theirs, strict=True):
            weight.grad = own.clone()
            each.step()
    # torch keeps the product of Nadam's momenta in float32.
    close = 1e-7 if optimizer == "nadam" else 1e-12
    expected = torch.stack([weight.detach() for weight in weights])
    torch.testing.assert_close(matrix, expected, rtol=close, atol=close)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_a_member_goes_on_alone_and_back_in_a_stack(optimizer: str) -> None:
    data = exact_data(train=48, validation=16)
    configurations = members(training={"optimizer": optimizer, "epochs": 3})
    through, alone = (created(configurations, data, stacked=way) for way in (True, False))
    for _ in fit(alone, data):
        pass
    for stacked in (False, True, False):
        parts = [created([each], data, stacked=False) for each in configurations]
        next(fit(through, data))
        for number, part in enumerate(parts):
            part.load_state_dict({"members": [through.member(number).state_dict()]})
        through = Training([part.member(0) for part in parts], stacked=stacked)
    through.restore_best()
    for mine, theirs in zip(through.members, alone.members, strict=True):
        close = 1e-6 if optimizer == "nadam" else 1e-9
        found, expected = mine.network.state_dict(), theirs.network.state_dict()
        torch.testing.assert_close(found, expected, rtol=close, atol=close)


@pytest.mark.parametrize("schedule", ["one-cycle", "cosine", "plateau"])
def test_every_member_follows_its_own_schedule(schedule: str) -> None:
    data = exact_data(train=40, validation=20)
    configurations = members(training={"schedule": schedule, "schedule_patience": 0})
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
        rates = [[m.learning_rate for m in training.members] for training in (stacked, alone)]
        assert rates[0] == rates[1]


def test_members_leave_a_stack_and_the_others_stay_as_alone() -> None:
    data = exact_data(train=40, validation=20)
    configurations = members(training={"epochs": 4})
    configurations[0] = members(training={"epochs": 2})[0]
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    for training in (alone, stacked):
        loop = fit(training, data)
        next(loop)
        assert set(loop.send(frozenset({1, 3})).metrics) == {0, 2}
        assert [set(report.metrics) for report in loop] == [{2}, {2}]
    assert_same_members(stacked, alone)


def test_a_member_that_diverges_does_not_touch_the_others() -> None:
    data = exact_data(train=40, validation=20)
    model: Section = {"output": "linear"}
    wild = {"lr": 1e30, "optimizer": "sgd", "epochs": 3}
    tame = {"lr": 0.01, "optimizer": "sgd", "epochs": 3}
    configurations = [
        toy_configuration(model=model, training=options) for options in (tame, wild, tame, wild)
    ]
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    for training in (alone, stacked):
        with pytest.raises(Diverged) as caught:
            next(fit(training, data))
        assert caught.value.member == 1
        assert [member.failure is not None for member in training.members] == [False, True] * 2
        assert [set(report.metrics) for report in fit(training, data)] == [{0, 2}] * 2
    for number in (0, 2):
        mine, theirs = (each.member(number).network.state_dict() for each in (stacked, alone))
        assert_close(mine, theirs)


def test_those_that_do_not_stack_are_trained_beside_the_stack() -> None:
    data = exact_data(train=40, validation=20)
    configurations = [
        *members(),
        toy_configuration(model={"dropout": 0.3}),
        toy_configuration(model={"latent": 3}),
    ]
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]


def test_want_of_memory_makes_stacks_smaller_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = exact_data(train=40, validation=20)
    configurations = members(training={"schedule": "one-cycle"})
    alone, stacked = (created(configurations, data, stacked=way) for way in (False, True))
    whole, steps = Stack.step, list[int]()

    def step(stack: Stack, images: torch.Tensor, *others: torch.Tensor) -> Figures:
        steps.append(len(images))
        if steps.count(4) > 1 and len(images) == 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(stack, images, *others)

    monkeypatch.setattr(Stack, "step", step)
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(stacked, alone)
    assert steps.count(4) == 2
    assert stacked.stacks is not None
    assert stacked.stacks.notes == ["no memory for a stack of 4: 2 at a time"]


def test_other_errors_of_a_stack_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(*_: object) -> Figures:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(Stack, "step", step)
    data = toy_data(train=32)
    select = Selection.by("val_loss")
    training = Training.create(members(), data, select=select, device=CPU, stacked=True)
    with pytest.raises(RuntimeError, match="shapes differ"):
        next(fit(training, data))


def test_in_bfloat16_a_stack_differs_less_from_single_trainings_than_seeds_do() -> None:
    data = toy_data()
    configurations = [
        toy_configuration(model=CONV, training={"precision": "bfloat16", "seed": seed})
        for seed in range(5)
    ]
    losses = list[torch.Tensor]()
    for stacked in (False, True):
        select = Selection.by("val_loss")
        training = Training.create(configurations, data, select=select, device=CPU, stacked=stacked)
        last = list(fit(training, data))[-1].metrics
        losses.append(torch.tensor([last[number]["val_loss"] for number in range(5)]))
        for weight, state in training.member(0).optimizer.state.items():
            # Channels last, both: torch's fused steps go through them in one order.
            assert state["exp_avg"].stride() == weight.stride()
    assert (losses[1] - losses[0]).abs().max() < losses[0].std()


def faithful(step: Callable[[], Figures]) -> Callable[[], Figures]:
    """What a graph does: the same on the same tensors, with its figures in one place."""
    figures = step()

    def replayed() -> Figures:
        for name, value in step().items():
            figures[name].copy_(value)
        return figures

    return replayed


def refusing(step: Callable[[], Figures]) -> Callable[[], Figures]:
    step()
    raise RuntimeError("operation not permitted when stream is capturing\nmore")


def forgetful(step: Callable[[], Figures]) -> Callable[[], Figures]:
    """Gives the right figures and moves no weight."""
    figures = step()
    return lambda: figures


RECORDS: dict[str, tuple[Record, list[str]]] = {
    "faithful": (faithful, []),
    "refusing": (refusing, ["operation not permitted when stream is capturing"]),
    "forgetful": (forgetful, ["it finds other weights than the step itself"]),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", RECORDS)
def test_replayed_steps_are_those_of_the_stack_or_are_given_up(name: str, count: int) -> None:
    record, reasons = RECORDS[name]
    # 40 images in batches of 16: the last one does not fit the graph.
    data = exact_data(train=40, validation=20)
    model: Section = {**CONV, "batch_norm": True}
    configurations = members(model=model, training=NORMED)[:count]
    alone, replayed = (created(configurations, data, stacked=way) for way in (False, True))
    replayed.stacks = Stacks(count, record)
    for found, expected in zip(epochs(replayed, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(replayed, alone)
    told = [f"steps are not replayed as a CUDA graph: {reason}" for reason in reasons]
    assert replayed.stacks.notes == told


def test_a_graph_is_made_for_cuda_alone() -> None:
    assert record_for(CPU) is None
    assert record_for(torch.device("cuda:1")) is not None


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
    configuration = toy_configuration(**sections)
    assert reason in why_alone(configuration)
    assert stacking_key(configuration) is None


def test_trainings_of_one_shape_stack() -> None:
    keys = {stacking_key(each) for each in members()}
    assert len(keys) == 1
    others = [
        toy_configuration(loss={"beta": 0.0}),
        toy_configuration(model={"latent": 7}),
        toy_configuration(training={"optimizer": "sgd"}),
        toy_configuration(training={"batch_size": 8}),
        toy_configuration(data={"limit": 40}),
    ]
    assert len(keys | {stacking_key(each) for each in others}) == 6
