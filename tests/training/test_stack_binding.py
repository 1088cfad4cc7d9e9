"""Members of a stack are parts of it: their epochs end at once, and what is saved is theirs."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from autoae.spec.config import Configuration
from autoae.training import Selection, Training, fit
from tests.training.exact import (
    CONV,
    NORMED,
    assert_same_members,
    created,
    epochs,
    exact_data,
    members,
)
from tests.training.toy import CPU, Section, toy_configuration, toy_data

MODEL: Section = {**CONV, "batch_norm": True}


def stacked(**sections: Section) -> Training:
    """Of four members that have trained an epoch."""
    training = created(members(**sections), exact_data(), stacked=True)
    next(fit(training, exact_data()))
    return training


def saved(training: Training) -> bytes:
    """A checkpoint."""
    content = io.BytesIO()
    torch.save(training.state_dict(), content)
    return content.getvalue()


def tensors(state: object) -> Iterator[Tensor]:
    """All of a checkpoint."""
    if isinstance(state, Tensor):
        yield state
    if isinstance(state, Mapping):
        state = list(state.values())
    for each in state if isinstance(state, list) else []:
        yield from tensors(each)


@pytest.mark.parametrize("optimizer", ["adam", "nesterov", "sgd", "nadam"])
def test_a_checkpoint_of_a_member_has_nothing_of_the_others(optimizer: str) -> None:
    training = stacked(model=MODEL, training={"optimizer": optimizer})
    kept = [*tensors(training.state_dict())]
    assert kept
    assert all(each.untyped_storage().nbytes() == each.nbytes for each in kept)


def test_who_has_left_a_stack_has_memory_of_its_own() -> None:
    """Else the whole stack stays in memory as long as one of those who left it."""
    training, data = stacked(model=MODEL), exact_data()
    training.stop(frozenset({1}))
    next(fit(training, data))
    left, trained = training.member(1), training.member(0)
    for member, alone in ((left, True), (trained, False)):
        state = [member.network.state_dict(), member.optimizer.state_dict()["state"]]
        own = [each.untyped_storage().nbytes() == each.nbytes for each in tensors(state)]
        assert all(own) if alone else not any(own)


def test_after_the_last_epoch_weights_lie_as_the_precision_wants_them() -> None:
    """Their latency is that of a network that was trained alone."""
    data = toy_data()
    one, other = (
        toy_configuration(
            model=MODEL, training={"precision": "bfloat16", "epochs": 1, "seed": seed}
        )
        for seed in (1, 2)
    )
    select = Selection.by("val_loss")
    training = Training.create([one, other], data, select=select, device=CPU, stacked=True)
    for _ in fit(training, data):
        for weight in training.member(1).network.parameters():
            assert weight.dim() < 4 or weight.is_contiguous(memory_format=torch.channels_last)
            assert weight.untyped_storage().nbytes() == weight.nbytes


def test_a_checkpoint_may_be_loaded_between_the_epochs_of_a_stack() -> None:
    data = exact_data(train=40, validation=20)
    through, back = (
        created(members(model=MODEL, training=NORMED), data, stacked=True) for _ in range(2)
    )
    expected = [*epochs(through, data)]
    loop = epochs(back, data)
    found, state = [next(loop)], saved(back)
    next(loop)
    back.load_state_dict(torch.load(io.BytesIO(state), weights_only=True))
    found += [*epochs(back, data)]
    assert found == expected
    assert_same_members(back, through)


class Counted(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what would be launched on a GPU: operations that give no view."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.launched = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        self.launched += not func.is_view
        return func(*args, **(kwargs or {}))


def launched(configurations: list[Configuration]) -> int:
    """In an epoch of a stack that is there already."""
    data = exact_data(train=32, validation=20)
    loop = epochs(created(configurations, data, stacked=True), data)
    next(loop)
    with Counted() as counted:
        next(loop)
    return int(counted.launched)


def test_a_further_member_costs_few_launches() -> None:
    """A GPU trains an epoch of a small network in the time of some thousand of them."""
    model: Section = {"encoder": "C(4) > S(6) > L(9)", "latent": 5, "batch_norm": True}
    few, many = (
        launched([toy_configuration(model=model, training={"seed": n}) for n in range(count)])
        for count in (2, 8)
    )
    assert (many - few) / 6 <= 12
