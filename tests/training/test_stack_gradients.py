"""A stack finds the losses and gradients that each of its networks finds alone."""

from collections.abc import Sequence

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autoae.data.resident import Batch
from autoae.models.blocks import ACTIVATIONS
from autoae.spec.config import Configuration
from autoae.training.engines import Passed, TorchEngine
from autoae.training.loss import RECONSTRUCTIONS
from autoae.training.member import Member
from autoae.training.stacks.stack import Stack
from tests.training.exact import assert_close, created
from tests.training.toy import SIZE, Section, toy_configuration, toy_data

LAYERS = st.sampled_from(["C(3)", "C'(2)", "S(4)", "C'(3,k1,p0)", "R(3)", "S(2,k4)"])
ENCODERS = st.one_of(
    st.lists(LAYERS, min_size=1, max_size=3).map(" > ".join),
    st.lists(st.sampled_from(["L(7)", "L'(5)", "R(6)"]), min_size=1, max_size=3).map(" > ".join),
)
TASKS: list[Section] = [
    {"task": "none"},
    {"task": "classify"},
    {"task": "classify", "decoder": "none"},
    *({"task": "count", "count": way} for way in ("regression", "one-hot", "classification")),
    *({"task": "digits", "digits": way} for way in ("counts", "classes")),
]
OPTIONS: st.SearchStrategy[Section] = st.fixed_dictionaries(
    {
        "encoder": ENCODERS,
        "latent": st.sampled_from([3, "encoder"]),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "batch_norm": st.booleans(),
        "up": st.sampled_from(["transpose", "nearest"]),
        "output": st.sampled_from(["sigmoid", "linear"]),
    }
)


def batch_of(members: int, *, counted: bool) -> Batch:
    generator = torch.Generator().manual_seed(3)
    images = torch.rand(members, 6, 1, SIZE, SIZE, generator=generator, dtype=torch.float64)
    if not counted:
        return Batch(images, torch.randint(0, 3, (members, 6), generator=generator))
    counts = torch.randint(0, 2, (members, 6, 3), generator=generator)
    # As many objects as there are outputs would have no class of their number.
    counts[..., 2] = 0
    return Batch(images, counts)


def alone(member: Member, batch: Batch) -> tuple[Passed, list[Tensor]]:
    engine = TorchEngine(member.network.train(), member.loss, member.weights, "float32")
    passed = engine.gradients(batch, batch.images)
    return passed, [each.grad for each in member.weights if each.grad is not None]


def assert_same(configurations: Sequence[Configuration], *, counted: bool) -> None:
    """Losses, right answers, gradients and statistics of all members in one step."""
    members = created(configurations, toy_data(), stacked=True).members
    stack, batch = Stack(members), batch_of(len(members), counted=counted)
    figures, found = stack.gradients(batch, batch.images)
    for place, member in enumerate(members):
        own = Batch(batch.images[place], batch.labels[place])
        passed, gradients = alone(member, own)
        assert_close(figures["total"][place], passed.terms.total)
        assert_close(found[place], torch.cat([each.flatten() for each in gradients]))
        for name, buffer in member.network.named_buffers():
            assert_close(stack.buffers[name][place], buffer)
        if passed.logits is not None and member.loss.task is not None:
            right = member.loss.task.right_answers(passed.logits, own.labels)
            assert_close(figures["right"][place], right)


@given(
    model=OPTIONS,
    task=st.sampled_from(TASKS),
    reconstruction=st.sampled_from(sorted(RECONSTRUCTIONS)),
    gamma=st.sampled_from([0.0, 0.05]),
    members=st.integers(1, 3),
)
@settings(max_examples=30, deadline=None)
def test_networks_of_every_shape_have_their_gradients_in_a_stack(
    model: dict[str, object], task: Section, reconstruction: str, gamma: float, members: int
) -> None:
    sigmoid = model["output"] == "sigmoid"
    loss = {"reconstruction": reconstruction if sigmoid else "mse", "gamma": gamma}
    configurations = [
        toy_configuration(
            model={**model, **task},
            loss={**loss, **({} if task["task"] == "none" else {"alpha": 0.5 + seed})},
            training={"seed": seed},
        )
        for seed in range(members)
    ]
    assert_same(configurations, counted=task["task"] in {"count", "digits"})
