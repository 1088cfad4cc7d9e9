"""`autoae study evaluate`: one counted opening, and the count wherever its figures stand."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import optuna
import pytest

from tests.cli.conftest import Autoae


def facts(said: Any) -> Any:
    assert said.code == 0, said.err
    return said.json


def test_all_finished_trials_are_looked_at_in_one_counted_opening(trained: Autoae) -> None:
    found = facts(trained("study", "evaluate", "tiny", "--json"))
    assert found["openings"] == 1
    assert len(found["evaluation"]["trials"]) == 6
    first = found["evaluation"]["trials"][0]
    assert set(first["figures"]) == {
        *("test_accuracy", "test_precision", "test_recall", "test_f1"),
        *("test_mse", "test_psnr", "test_ssim", "test_bce", "test_bce_excess"),
    }
    assert len(first["classes"]) == len(first["confusion"]) == len(first["normalized"]) == 10
    kept = json.loads(Path("storage/runs/tiny/evaluation-1.json").read_text())
    assert kept["trials"][0]["confusion"] == first["confusion"]


def test_a_second_opening_needs_a_word_and_is_counted(trained: Autoae) -> None:
    assert trained("study", "evaluate", "tiny").code == 0
    said = trained("study", "evaluate", "tiny")
    assert said.code == 1
    assert "was opened once" in said.err
    assert "--again" in said.err
    said = trained("study", "evaluate", "tiny", "--again")
    assert said.code == 0
    assert "opened 2 times" in said.out
    assert "may have been chosen" in said.out
    assert {path.name for path in Path("storage/runs/tiny").glob("evaluation-*")} == {
        "evaluation-1.json",
        "evaluation-2.json",
    }


def test_the_count_stands_wherever_the_figures_do(trained: Autoae) -> None:
    for words in (("study", "show", "tiny"), ("trial", "show", "tiny", "2")):
        assert "Test figures" not in trained(*words).out
        assert facts(trained(*words, "--json"))["test"] is None
    assert "test_accuracy" not in trained("study", "export", "tiny").out
    trained("study", "evaluate", "tiny")
    trained("study", "evaluate", "tiny", "--again")
    for words in (("study", "show", "tiny"), ("trial", "show", "tiny", "2")):
        assert "Test figures (opened 2 times)" in trained(*words).out
        assert facts(trained(*words, "--json"))["test"]["openings"] == 2
    rows = list(csv.DictReader(io.StringIO(trained("study", "export", "tiny").out)))
    assert {row["test_openings"] for row in rows} == {"2"}
    assert all(0 <= float(row["test_accuracy"]) <= 1 for row in rows)
    latex = trained("study", "export", "tiny", "--format", "latex").out
    assert latex.startswith("% test split opened 2 times")
    assert r"test\_accuracy" in latex


def test_it_reads_as_a_table_beside_baselines_with_the_classes(trained: Autoae) -> None:
    text = trained("study", "evaluate", "tiny").out
    for words in ("majority class", "mean image", "PCA of", "Wilson for 360 images", "precision"):
        assert words in text
    assert "Ordered by val_accuracy, not by test figures" in text


def test_seeds_have_an_interval(trained: Autoae) -> None:
    text = trained("study", "evaluate", "listed").out
    assert "Student's t over the seeds" in text
    lines = [line.split() for line in text.splitlines() if line.strip().startswith("narrow")]
    assert lines[0][2:5][1] == "to"
    assert lines[0][-1] == "3"


def test_the_count_outlives_the_figures(trained: Autoae) -> None:
    trained("study", "evaluate", "tiny")
    Path("storage/runs/tiny/evaluation-1.json").unlink()
    assert "gone or damaged" in trained("study", "show", "tiny").out
    assert trained("study", "evaluate", "tiny").code == 1


def test_weights_that_are_gone_are_named(trained: Autoae) -> None:
    Path("storage/runs/tiny/3/best.safetensors").unlink()
    said = trained("study", "evaluate", "tiny")
    assert said.code == 0
    assert "trial 3 has no test figures: its weights are gone" in said.out


def test_without_any_weights_nothing_is_opened(trained: Autoae) -> None:
    shutil.rmtree("storage/runs/tiny")
    said = trained("study", "evaluate", "tiny")
    assert said.code == 1
    assert "no complete trial of study 'tiny' has its weights" in said.err
    assert not said.out
    assert facts(trained("study", "show", "tiny", "--json"))["test"] is None


@pytest.mark.parametrize(
    ("create", "says"), [(False, "there is no study"), (True, "has no complete trial")]
)
def test_what_cannot_be_opened_is_said(trained: Autoae, create: bool, says: str) -> None:
    if create:
        trained("study", "create", "digits-hybrid")
    said = trained("study", "evaluate", "digits-hybrid")
    assert said.code == 1
    assert says in said.err


def test_a_running_study_is_not_opened(trained: Autoae) -> None:
    study = optuna.load_study(study_name="tiny", storage="sqlite:///storage/autoae.db")
    study.ask()
    said = trained("study", "evaluate", "tiny")
    assert said.code == 1
    assert "1 trial is still running" in said.err
    assert "autoae study stop tiny" in said.err


def test_that_the_original_was_opened_is_said(trained: Autoae) -> None:
    trained("study", "evaluate", "tiny")
    trained("study", "confirm", "tiny", "--top", "1", "--seeds", "2")
    said = trained("study", "evaluate", "tiny-confirm")
    assert said.code == 0
    assert "the test split of tiny, which this study follows, was opened before" in said.err
