"""A study in Python, and the notebook that shows it."""

import json
from pathlib import Path

import pytest

import autoae
from autoae.store.errors import StudyNotFound
from autoae.store.runs import run_root
from autoae.training.weights import WeightsError
from tests.search.support import create, run, snapshot, tiny

NOTEBOOK = Path(__file__).parents[2] / "docs" / "python.ipynb"


def test_a_study_tells_what_the_commands_tell(trained: str) -> None:
    study, known = autoae.load_study("tiny", trained), snapshot(trained)
    assert study.trials() == known.trials
    best = max(known.trials, key=lambda trial: trial.metrics["val_accuracy"])
    assert study.best().values == best.values
    front = study.front()
    costs = [trial.costs["params"] for trial in front]
    values = [trial.values[0] for trial in front]
    assert costs == sorted(costs)
    assert values == sorted(values)
    assert front == study.front("params", "val_accuracy")
    assert study.effects("val_accuracy").metrics in ((), ("val_accuracy",))


def test_the_best_model_is_that_of_the_best_trial(trained: str) -> None:
    study = autoae.load_study("tiny", trained)
    model = study.best_model()
    assert model.description.metrics == study.best().metrics
    assert model.notation == study.best().notation
    assert model.folder == run_root(trained) / "tiny" / str(study.best().number)


def test_an_unknown_study_is_named_with_the_nearest(trained: str) -> None:
    with pytest.raises(StudyNotFound, match="did you mean 'tiny'"):
        autoae.load_study("tinny", trained)


def test_a_study_without_a_result_has_no_best_model(url: str) -> None:
    create(url, tiny())
    with pytest.raises(ValueError, match="no complete trial"):
        autoae.load_study("tiny", url).best_model()


def test_weights_that_were_deleted_are_named(url: str) -> None:
    create(url, tiny("search: {trials: 1}\n"))
    run(url)
    study = autoae.load_study("tiny", url)
    (run_root(url) / "tiny" / "0" / "best.safetensors").unlink()
    with pytest.raises(WeightsError, match="holds no weights"):
        study.best_model()


def test_the_notebook_runs(trained: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOAE_STORAGE", trained)
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found: dict[str, object] = {}
    for number, source in enumerate(code):
        exec(compile(source.replace("digits-hybrid", "tiny"), f"cell {number}", "exec"), found)
    assert len(code) >= 4
    assert found["result"].errors.shape == (len(found["images"]),)  # type: ignore[attr-defined, arg-type]
