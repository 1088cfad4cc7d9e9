"""Members of a stack look at the validation images together and see what each sees alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import pytest
import torch
from torch import Tensor

from autoae.data.resident import Batch, ResidentData
from autoae.spec.config import Configuration
from autoae.training import batches, look, tasks
from autoae.training.epoch import validate
from autoae.training.member import Member
from autoae.training.stacks import stacks
from autoae.training.stacks.epoch import conclude
from autoae.training.stacks.validation import validate_together
from autoae.training.tasks import Task
from autoae.training.tasks.classify import task as classify
from tests.training.exact import CONV, Exact, assert_close, created, epochs, exact_data, members
from tests.training.toy import Section, toy_configuration


class Counted(Exact):
    """Images that hold several objects of each class."""

    def validation_batches(self, batch_size: int = 512) -> Iterator[Batch]:
        for images, labels in super().validation_batches(batch_size):
            yield Batch(images, torch.stack([labels % 2, labels // 2, 0 * labels], dim=1))


TASKS: list[Section] = [
    {"task": "classify", **CONV},
    *({"task": "count", "count": way} for way in ("regression", "one-hot", "classification")),
    *({"task": "digits", "digits": way} for way in ("counts", "classes")),
]


def see_the_same(configurations: list[Configuration], data: ResidentData) -> None:
    chosen = created(configurations, data, stacked=True).members
    alone, looks = [validate(member, data) for member in chosen], seen_by(chosen)
    found = validate_together(chosen, data)
    assert_close(seen_by(chosen), looks)
    assert [list(each) for each in found] == [list(each) for each in alone]
    assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in alone]
    assert not any(member.network.training for member in chosen)


def seen_by(members: Sequence[Member]) -> list[dict[str, Tensor]]:
    """All that each keeps of the images, in memory of its own."""
    looks = list[dict[str, Tensor]]()
    for member in members:
        assert member.look is not None
        for each in chain.from_iterable(member.look.seen.values()):
            assert each.untyped_storage().nbytes() == each.nbytes
        seen = {"labels": member.look.labels, **member.look.seen}
        looks.append({name: torch.cat(values) for name, values in seen.items()})
    return looks


@pytest.mark.parametrize("model", TASKS)
def test_every_task_is_judged_for_all_at_once(
    model: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    # For four members that is 16 at a time, so that the last 8 of 40 images weigh less.
    monkeypatch.setattr(batches, "MOST_ON_CPU", 64)
    # The last latents are of a part of the second batch.
    monkeypatch.setattr(look, "LATENTS", 21)
    data = exact_data(train=32, validation=40, mean=[0.4], deviation=[0.3])
    data.__class__ = Exact if model["task"] == "classify" else Counted
    see_the_same(members(model=model), data)


@pytest.mark.parametrize(
    "sections",
    [
        {"loss": {"beta": 0.0}},
        {"loss": {"alpha": 0.0}},
        {"loss": {"gamma": 0.1}},
        {"model": {**CONV, "task": "none", "output": "linear"}},
    ],
)
def test_parts_without_weight_are_judged_too(sections: Mapping[str, Section]) -> None:
    configurations = [toy_configuration(**sections, training={"seed": seed}) for seed in (1, 2)]
    see_the_same(configurations, exact_data(train=32, validation=20))


def test_without_validation_images_there_is_nothing_to_see() -> None:
    data = exact_data(train=32, validation=0)
    training = created(members(), exact_data(), stacked=True)
    assert validate_together(training.members, data) == [{}] * 4


def test_a_member_whose_weights_are_no_numbers_fails_alone() -> None:
    data = exact_data(train=32, validation=20)
    loss: Section = {"reconstruction": "bce"}
    configurations = [
        toy_configuration(model=CONV, loss=loss, training={"seed": seed}) for seed in range(4)
    ]
    chosen = created(configurations, data, stacked=True).members
    expected = [validate(member, data) for member in chosen]
    looked_at = list[int]()

    def together(sound: Sequence[Member]) -> list[dict[str, float]]:
        looked_at.append(len(sound))
        return validate_together(sound, data)

    with torch.no_grad():
        next(chosen[1].network.parameters()).fill_(torch.nan)
    trained = [{"train_loss": 1.0, "seconds": 1.0} for _ in chosen]
    trained[2]["train_loss"] = torch.nan
    assert list(conclude(chosen, trained, together)) == []
    # One was known to have diverged, the other one was found to.
    assert looked_at == [3]
    assert [member.failure is not None for member in chosen] == [False, True, True, False]
    assert [member.epoch for member in chosen] == [1, 0, 0, 1]
    for place in (0, 3):
        assert chosen[place].metrics == pytest.approx({"train_loss": 1.0, **expected[place]})
        assert chosen[place].best_epoch == 1


def waits(outputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """A figure that looks at numbers, which `vmap` has none of."""
    return {"surprise": (outputs - float(outputs.mean())).abs().sum(1) * (labels >= 0)}


def short_of_memory(*_: object) -> list[dict[str, float]]:
    raise torch.OutOfMemoryError("CUDA out of memory")


def judged_by_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def task(configuration: Configuration) -> Task:
        return replace(classify(configuration), errors=waits)

    monkeypatch.setitem(tasks.TASKS, "classify", task)


def judged_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "validate_together", short_of_memory)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [(judged_by_numbers, "vmap: It looks like"), (judged_without_memory, "CUDA out of memory")],
)
def test_what_cannot_be_judged_at_once_is_judged_one_after_the_other(
    prepare: Callable[[pytest.MonkeyPatch], None], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(monkeypatch)
    data = exact_data(train=32, validation=20)
    alone, stacked = (created(members(), data, stacked=way) for way in (False, True))
    for found, expected in zip(epochs(stacked, data), epochs(alone, data), strict=True):
        assert found == [pytest.approx(each, rel=1e-9, abs=1e-11) for each in expected]
    assert stacked.stacks is not None
    (note,) = stacked.stacks.notes
    assert note.startswith(f"validated one after the other: {reason}")
