"""Tasks in study files: which data serve them, how many outputs they need, what they optimise."""

from pathlib import Path

import pytest

from autoae.spec.config import ModelOptions
from autoae.spec.errors import SpecError
from autoae.spec.plan import plan_network
from autoae.spec.reading import read_study

FILE = """
data:
  dataset: {dataset}
  {data}
model:
  encoder: C(4)
  decoder: none
  {model}
"""


def written(path: Path, dataset: str = "double-mnist", data: str = "", model: str = "") -> str:
    place = path / "study.yaml"
    text = FILE.format(dataset=dataset, data=data, model=model)
    place.write_text("\n".join(line for line in text.splitlines() if line.strip()))
    return str(place)


@pytest.mark.parametrize(
    ("parts", "line", "reason"),
    [
        ({"dataset": "mnist", "model": "task: count"}, 6, "model.task: 'count' needs images"),
        ({"dataset": "digits", "model": "task: digits"}, 6, "model.task: 'digits' needs images"),
        ({"model": "task: classify"}, 6, "model.task: an image of 'double-mnist' holds several"),
        (
            {"model": "task: count", "data": "digits: [0, 17]"},
            3,
            "data.digits.1: expected less than or equal to 9",
        ),
        (
            {"model": "task: count", "data": "digits: [5]\n  canvas: 56"},
            3,
            "data.digits: 5 digits of 28 pixels do not fit on a canvas of 56 without overlap, 4",
        ),
        (
            {"model": "task: count", "data": "canvas: 20"},
            3,
            "data.canvas: a canvas of 20 pixels holds no digit",
        ),
        (
            {"dataset": "mnist", "model": "task: classify", "data": "overlap: true"},
            3,
            "data.overlap: is for the data set double-mnist, not for 'mnist'",
        ),
        (
            {"model": "task: count\nloss: {task: squared_error}"},
            7,
            "loss.task: is for `task: classify`; what 'count' minimises is chosen by model.count",
        ),
        (
            {"model": "task: count\nobjectives: [{metric: val_accuracy, direction: maximize}]"},
            7,
            "objectives: val_accuracy needs `model.task: classify`, not count",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(
    tmp_path: Path, parts: dict[str, str], line: int, reason: str
) -> None:
    place = written(tmp_path, **parts)
    with pytest.raises(SpecError) as raised:
        read_study(place)
    assert str(raised.value).startswith(f"{place}:{line}: {reason}")


@pytest.mark.parametrize(
    ("model", "metric", "outputs"),
    [
        ({"task": "count"}, "val_count_mse", 1),
        ({"task": "count", "count": "one-hot"}, "val_count_mse", 10),
        ({"task": "count", "count": "classification"}, "val_count_accuracy", 10),
        ({"task": "digits"}, "val_digits_exact", 10),
        ({"task": "digits", "digits": "classes"}, "val_digits_exact", 10),
    ],
)
def test_each_task_has_its_outputs_and_its_objective(
    tmp_path: Path, model: dict[str, str], metric: str, outputs: int
) -> None:
    text = "\n  ".join(f"{key}: {value}" for key, value in model.items())
    spec = read_study(written(tmp_path, model=text))
    assert [objective.metric for objective in spec.objectives] == [metric]
    options = ModelOptions.model_validate({"encoder": "C(4)", "decoder": "none", **model})
    assert plan_network(options, (1, 32, 32), 10).head[-1].outputs == (outputs,)
    wrong = options.model_copy(update={"head": f"L(8) > L'({outputs + 1})"})
    with pytest.raises(SpecError, match=rf"it must end with L'\({outputs}\)"):
        plan_network(wrong, (1, 32, 32), 10)


def test_the_numpy_engine_has_no_losses_for_it(tmp_path: Path) -> None:
    place = written(tmp_path, model="task: count\ntraining: {engine: numpy}")
    with pytest.raises(SpecError, match=f"{place}:6: model.task: task 'count' has losses of its"):
        read_study(place, overrides=["model.encoder=L(4)"])
