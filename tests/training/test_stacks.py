"""A stack trains every member as if it were trained alone."""

import gc
import weakref
from collections.abc import Sequence

import pytest
import torch

from autoae.search.training_run import _epochs
from autoae.spec.config import Configuration
from autoae.training import Diverged, Selection, Training, fit
from autoae.training.member import Member
from autoae.training.optimizers import OPTIMIZERS
from autoae.training.stacks.epoch import train_stacked
from autoae.training.stacks.optimizer import StackOptimizer
from autoae.training.stacks.replay import Figures
from autoae.training.stacks.stack import Stack
from autoae.training.sums import Sums
from tests.training.exact import (
    CONV,
    NORMED,
    assert_close,
    assert_same_members,
    created,
    epochs,
    exact_data,
    members,
)
from tests.training.toy import CPU, Section, toy_configuration, toy_data

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
    assert stacked.stacks is not None
    assert stacked.stacks.notes == []


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


def test_the_clock_is_read_when_the_device_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are launched in no time at all; what takes time is seen where the sums are read."""
    now, whole = [0.0], Sums.read_each

    def read_each(sums: Sums) -> list[dict[str, float]]:
        now[0] += 10.0
        return whole(sums)

    monkeypatch.setattr(Sums, "read_each", read_each)
    monkeypatch.setattr("autoae.training.stacks.epoch.perf_counter", lambda: now[0])
    data = exact_data(train=40, validation=20)
    training = created(members(), data, stacked=True)
    stack = Stack(training.members)
    metrics = train_stacked(stack, data, stack.step)
    assert [each["samples_per_second"] for each in metrics] == [4.0] * 4
    assert [each["seconds"] for each in metrics] == [2.5] * 4


@pytest.mark.parametrize("stacked", [False, True])
def test_nothing_holds_on_to_a_training_in_which_somebody_diverged(stacked: bool) -> None:
    """What lies on a GPU would stay there until Python looks for cycles, which may take long."""
    data = exact_data(train=40, validation=20)
    wild = {"lr": 1e30, "optimizer": "sgd", "epochs": 2}
    configurations = [
        toy_configuration(model={"output": "linear"}, training=options)
        for options in (wild, {"epochs": 2})
    ]

    def trained() -> weakref.ref[Training]:
        training = created(configurations, data, stacked=stacked)
        for _ in _epochs(training, data):
            assert training.member(0).failure is not None
        return weakref.ref(training)

    # torch imports a part of itself with the first optimizer, and keeps an error with its frames.
    created(configurations, data, stacked=stacked)
    gc.disable()
    try:
        assert trained()() is None
    finally:
        gc.enable()


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


def test_what_had_too_little_memory_is_gone_before_less_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, left = list[weakref.ref[Stack]](), list[int]()
    whole, begin = Stack.step, Stack.__init__

    def init(stack: Stack, given: Sequence[Member]) -> None:
        made.append(weakref.ref(stack))
        begin(stack, given)

    def step(stack: Stack, images: torch.Tensor, *others: torch.Tensor) -> Figures:
        if len(images) == 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(stack, images, *others)

    def release(_: torch.device) -> None:
        left.append(sum(each() is not None for each in made))

    monkeypatch.setattr(Stack, "__init__", init)
    monkeypatch.setattr(Stack, "step", step)
    monkeypatch.setattr("autoae.training.stacks.stacks._release", release)
    data = exact_data(train=40, validation=20)
    training = created(members(), data, stacked=True)
    gc.disable()
    try:
        next(fit(training, data))
    finally:
        gc.enable()
    assert left == [0]
    assert len(made) == 3


@pytest.mark.parametrize("when", ["made", "concluded"])
def test_want_of_memory_beside_the_steps_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    data = exact_data(train=40, validation=20)
    alone, stacked = (created(members(), data, stacked=way) for way in (False, True))
    whole, told = StackOptimizer.tell_counts, list[int]()

    def tell_counts(optimizer: StackOptimizer) -> None:
        told.append(len(optimizer.rates.lr))
        if told == ([4] if when == "made" else [4, 4]):
            raise torch.OutOfMemoryError("CUDA out of memory")
        whole(optimizer)

    monkeypatch.setattr(StackOptimizer, "tell_counts", tell_counts)
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert_same_members(stacked, alone)
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
