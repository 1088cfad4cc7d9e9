"""What each task minimises, what it answers, and how its answers are judged."""

from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from autoae.spec.config import Configuration, ModelOptions
from autoae.spec.metrics import METRICS, SHARES
from autoae.training.tasks import TASKS, Task, task_of

WAYS = [
    {"task": "classify"},
    *({"task": "count", "count": way} for way in ("regression", "one-hot", "classification")),
    *({"task": "digits", "digits": way} for way in ("counts", "classes")),
]
COUNTS = torch.tensor([[0] * 10, [1] + [0] * 9, [0, 0, 2] + [0] * 7, [0, 1, 0, 1] + [0] * 6])


def made(**options: str) -> Task:
    task = task_of(Configuration.model_validate({"model": {"encoder": "L(8)", **options}}))
    assert task is not None
    return task


def perfect(task: Task, options: dict[str, str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs that are right about every image, and the labels."""
    if options["task"] == "classify":
        return torch.eye(4) * 20, torch.arange(4)
    if options.get("count") == "regression":
        return COUNTS.sum(1, keepdim=True).float(), COUNTS
    if options["task"] == "count":
        return torch.eye(10)[COUNTS.sum(1)] * (20 if task.right else 1), COUNTS
    return (COUNTS.float() if options["digits"] == "counts" else 20.0 * (COUNTS > 0)), COUNTS


def test_every_task_of_the_study_file_can_be_trained() -> None:
    assert {"none", *TASKS} == set(get_args(ModelOptions.model_fields["task"].annotation))
    ways = {name: get_args(ModelOptions.model_fields[name].annotation) for name in TASKS if name in
            ModelOptions.model_fields}  # fmt: skip
    told = [(each["task"], each.get(each["task"])) for each in WAYS]
    assert sorted(told[1:]) == sorted((name, way) for name, each in ways.items() for way in each)


@pytest.mark.parametrize("options", WAYS, ids=lambda each: "-".join(each.values()))
def test_figures_have_names_that_a_study_can_optimise(options: dict[str, str]) -> None:
    task = made(**options)
    figures = task.figures(*perfect(task, options))
    assert task.right in SHARES
    for name in figures:
        assert METRICS[f"val_{name}"].part == options["task"]
    named = {name for name, metric in METRICS.items() if metric.part == options["task"]}
    assert named == {f"val_{name}" for name in figures}


@pytest.mark.parametrize("options", WAYS, ids=lambda each: "-".join(each.values()))
def test_right_outputs_are_judged_right_and_others_wrong(options: dict[str, str]) -> None:
    task = made(**options)
    outputs, labels = perfect(task, options)
    assert task.right_answers(outputs, labels).item() == 4
    assert torch.equal(task.answer(outputs), task.truth(labels))
    # Every image is given the outputs of another one.
    assert task.right_answers(outputs.roll(1, 0), labels).item() < 4


@pytest.mark.parametrize("options", WAYS, ids=lambda each: "-".join(each.values()))
def test_gradient_descent_on_the_outputs_alone_finds_the_answers(options: dict[str, str]) -> None:
    task = made(**options)
    good, labels = perfect(task, options)
    outputs = torch.zeros_like(good, requires_grad=True)
    optimizer = torch.optim.Adam([outputs], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        task.loss(outputs, labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert task.right_answers(outputs.detach(), labels).item() == 4


def test_a_regressed_number_is_clipped_and_rounded_for_the_answer_alone() -> None:
    task = made(task="count")
    outputs = torch.tensor([[-0.7], [1.4], [2.6], [2.0]])
    assert task.answer(outputs).tolist() == [0, 1, 3, 2]
    figures = task.figures(outputs, COUNTS)
    truth = COUNTS.sum(1)
    assert figures["count_accuracy"].item() == 3
    assert figures["count_mse"].item() / 4 == pytest.approx(mean_squared_error(truth, outputs))
    assert figures["count_mae"].item() / 4 == pytest.approx(mean_absolute_error(truth, outputs))
    assert task.loss(outputs, COUNTS).item() == pytest.approx(mean_squared_error(truth, outputs))


def test_the_one_hot_error_is_the_mean_over_all_outputs() -> None:
    task = made(task="count", count="one-hot")
    outputs = torch.zeros(4, 10)
    assert task.loss(outputs, COUNTS).item() == pytest.approx(1 / 10)
    outputs[:, 1] = 3.0
    # The number 1 is right for one image; the others miss it by one.
    assert task.figures(outputs, COUNTS)["count_mse"].item() == 3
    assert task.loss(outputs, COUNTS).item() == pytest.approx((3 * (9 + 1) + 4) / 40)


def test_counts_of_digits_are_clipped_and_rounded() -> None:
    task = made(task="digits")
    outputs = torch.full((1, 10), -0.4)
    outputs[0, 2], outputs[0, 3] = 1.6, 0.4
    assert task.answer(outputs).tolist() == [[0, 0, 2, 0, 0, 0, 0, 0, 0, 0]]
    assert task.right_answers(outputs, COUNTS[2:3]).item() == 1


def test_one_wrong_digit_makes_an_image_wrong() -> None:
    task = made(task="digits")
    outputs = COUNTS.float()
    outputs[3, 9] = 1.0
    assert task.right_answers(outputs, COUNTS).item() == 3


@given(st.sets(st.integers(0, 9), max_size=9), st.integers(0, 2**32))
def test_which_digits_are_there_is_read_from_noisy_shares(digits: set[int], seed: int) -> None:
    """Up to nine digits: equal shares of all ten are those of an empty image."""
    shares = torch.full((10,), 1e-4)
    shares[list(digits) if digits else list(range(10))] = 1.0
    noise = torch.rand(10, generator=torch.Generator().manual_seed(seed)) * 0.05
    answer = made(task="digits", digits="classes").answer((shares + noise).log()[None])
    expected = [int(digit in digits) for digit in range(10)]
    assert answer.tolist() == [expected]
