"""What published code did is done only where it is asked for, counted, and said everywhere."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from typer.testing import CliRunner

from autoae.cli.main import app
from autoae.data import load
from autoae.models import Output
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError
from autoae.store.evaluations import openings_of
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from autoae.training.loss import Loss
from tests.search.support import Recorder, create, run, snapshot, tiny
from tests.training.toy import toy_configuration

LIST = """\
data: {limit: 200, validation: 100}
model: {encoder: "L(8)", latent: 4, task: classify}
training: {epochs: 2}
search: {method: list}
variants:
  honest: {}
  twice: {loss.softmax_twice: true}
  on test: {data.select_on: test}
  both: {loss.softmax_twice: true, data.select_on: test}
"""
LABELS = {
    "twice": "original protocol: softmax twice",
    "on test": "original protocol: selected on test",
    "both": "original protocol: softmax twice, selected on test",
}
HONEST = LIST.partition("  twice")[0]


def openings(url: str) -> int:
    storage = open_storage(url)
    count = len(openings_of(load_study(storage, "tiny")))
    close_storage(storage)
    return count


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study with every kind of variant, run once for all that look at it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('original')}/studies.db"
    create(url, tiny(text=LIST))
    run(url)
    return url


def printed(*words: str, url: str, code: int = 0) -> str:
    """What a command says, on one line."""
    done = CliRunner().invoke(app, [*words, "--storage", url], env={"COLUMNS": "400"})
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_a_perfect_answer_after_two_softmaxes_costs_1_4612() -> None:
    loss = Loss.of(toy_configuration(loss={"softmax_twice": True, "beta": 0.0}))
    labels = torch.arange(10)
    logits = 100 * functional.one_hot(labels).float()
    output = Output(None, logits, torch.zeros(10, 1), ())
    found = loss.terms(output, torch.zeros(10, 1), labels, []).total
    assert found.item() == pytest.approx(1.4612, abs=5e-5)


def test_the_test_images_take_the_place_of_the_validation_images() -> None:
    honest, original = (load(DataOptions(select_on=each)) for each in ("validation", "test"))
    assert np.array_equal(original.validation.images, honest.test.images)
    assert np.array_equal(original.validation.indices, honest.test.indices)
    assert len(original.train) == len(honest.train) + len(honest.validation)
    assert len(load(DataOptions(select_on="test", limit=50)).train) == 50


def test_the_study_is_counted_as_opened_once_and_says_so(url: str) -> None:
    create(url, tiny(text=LIST))
    assert openings(url) == 0
    heard = Recorder()
    run(url, heard, trials=1)
    assert any("counts as an opening" in message for message in heard.messages)
    run(url, trials=2)
    assert openings(url) == 1


def test_an_honest_study_stays_sealed_and_carries_no_label(url: str) -> None:
    create(url, tiny(text=HONEST))
    run(url)
    assert openings(url) == 0
    for words in (("study", "show"), ("study", "export"), ("trial", "list")):
        assert "riginal protocol" not in printed(*words, "tiny", url=url)
    report = printed("study", "report", "tiny", "--format", "md", url=url)
    assert "riginal protocol" not in report
    assert "The test split takes no part." in report


def test_every_trial_knows_what_it_took_over(finished: str) -> None:
    for trial in snapshot(finished).trials:
        label = LABELS.get(str(trial.variant))
        assert trial.network == (f"{trial.notation}; {label}" if label else trial.notation)


@pytest.mark.parametrize(
    "words",
    [
        ("study", "show", "tiny"),
        ("study", "export", "tiny"),
        ("study", "export", "tiny", "--format", "latex"),
        ("study", "export", "tiny", "--format", "json"),
        ("study", "report", "tiny", "--format", "md"),
        ("trial", "list", "tiny"),
    ],
)
def test_every_output_has_the_labels(finished: str, words: tuple[str, ...]) -> None:
    found = printed(*words, url=finished)
    assert all(label in found for label in LABELS.values())


def test_a_trial_shown_by_itself_has_its_label(finished: str) -> None:
    assert LABELS["both"] in printed("trial", "show", "tiny", "3", url=finished)


def test_a_report_says_what_was_selected_on_what(finished: str) -> None:
    report = printed("study", "report", "tiny", "--format", "md", url=finished)
    assert "on the test images, which flatters it" in report
    assert "takes no part" not in report
    assert "The test split was opened once" in report


def test_evaluating_such_a_study_is_a_further_opening(finished: str) -> None:
    refused = printed("study", "evaluate", "tiny", url=finished, code=1)
    assert "was opened once" in refused


def test_a_model_that_is_trained_alone_says_so(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(LIST, encoding="utf-8")
    words = ("model", "train", str(path), "--variant", "both")
    assert LABELS["both"] in printed(*words, url=f"sqlite:///{tmp_path}/models.db")


def test_a_second_softmax_needs_a_first() -> None:
    with pytest.raises(SpecError, match="no softmax without a task"):
        tiny(text=HONEST.replace(", task: classify", "") + "loss: {softmax_twice: true}\n")
