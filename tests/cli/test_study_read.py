import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Autoae


def test_studies_are_listed_with_their_counts(filled: Autoae) -> None:
    (row,) = json.loads(filled("study", "list", "--json").out)
    assert (row["name"], row["done"], row["budget"]) == ("small", 12, 20)
    assert "12/20" in filled("study", "list").out


def test_an_empty_storage_lists_nothing_and_is_not_created(autoae: Autoae) -> None:
    said = autoae("study", "list")
    assert (said.code, said.out) == (0, "")
    assert "there is no study" in said.err
    assert json.loads(autoae("study", "list", "--json").out) == []
    assert not Path("storage").exists()


def test_a_study_is_shown_as_an_answer(filled: Autoae) -> None:
    said = filled("study", "show", "small")
    assert said.code == 0
    for words in (
        "Which knobs matter?",
        "12 of 20 trials: 10 complete, 1 pruned, 1 failed",
        "Best trials",
        "C(4) > L'(11) | L'(10)",
        "What mattered for val_accuracy",
        "over 10 complete trials",
        "Front of val_accuracy against params",
        "sqlite:///storage/autoae.db",
        "autoae model train --from small:9 --epochs 6",
        "autoae study run small",
    ):
        assert words in said.out


def test_trials_of_different_devices_are_warned_of(filled: Autoae) -> None:
    assert filled("study", "show", "small", "--json").json["warnings"] == []
    for number, device in enumerate(("CPU A", "CPU A", "GPU B")):
        folder = Path("storage/runs/small") / str(number)
        folder.mkdir(parents=True)
        (folder / "environment.json").write_text(json.dumps({"device_name": device}))
    said = filled("study", "show", "small", "--json").json["warnings"]
    assert isinstance(said, list)
    different, advice = said
    kinds = "CPU A (trials 0, 1), GPU B (trial 2)"
    assert different == f"the trials ran with different device name: {kinds}"
    assert "`autoae trial reproduce small 2`" in advice
    assert "warning: the trials ran with" in filled("study", "show", "small").out


def test_a_study_is_shown_as_json(filled: Autoae) -> None:
    facts = filled("study", "show", "small", "--json").json
    assert facts["best"] == [9, 8, 7, 6, 5]
    assert facts["front"] == list(range(10))
    assert isinstance(facts["trials"], list)
    assert len(facts["trials"]) == 12


def test_the_next_commands_name_the_storage_that_had_to_be_named(filled: Autoae) -> None:
    url = "sqlite:///storage/autoae.db"
    said = filled("study", "show", "small", "--storage", url)
    assert f"autoae study run small --storage {url}" in said.out


def test_an_unknown_study_is_answered_with_the_nearest(filled: Autoae) -> None:
    said = filled("study", "show", "smal")
    assert said.code == 1
    assert "did you mean 'small'?" in said.err


@pytest.mark.parametrize("verb", ["show", "run", "stop", "delete", "export"])
def test_no_command_creates_a_storage_by_looking_for_a_study(autoae: Autoae, verb: str) -> None:
    assert autoae("study", verb, "small").code == 1
    assert not Path("storage").exists()


def test_export_as_csv_has_every_trial_and_parameter(filled: Autoae) -> None:
    rows = list(csv.DictReader(io.StringIO(filled("study", "export", "small").out)))
    assert len(rows) == 12
    assert rows[3]["model.latent"] == "5"
    assert rows[10]["state"] == "pruned"
    assert float(rows[3]["val_accuracy"]) == pytest.approx(0.6)


def test_export_as_json_and_latex(filled: Autoae) -> None:
    rows = json.loads(filled("study", "export", "small", "--format", "json").out)
    assert rows[11]["state"] == "failed"
    latex = filled("study", "export", "small", "--format", "latex").out
    assert latex.startswith(r"\begin{tabular}")
    assert r"val\_accuracy" in latex
    assert latex.count(r"\\") == 1 + 10


def test_a_study_that_does_not_run_need_not_be_stopped(filled: Autoae) -> None:
    said = filled("study", "stop", "small")
    assert said.code == 0
    assert "is not running" in said.err


def test_delete_asks_and_takes_no_for_an_answer(filled: Autoae) -> None:
    assert filled("study", "delete", "small", answer="n\n").code == 1
    assert filled("study", "show", "small").code == 0
    assert filled("study", "delete", "small", answer="y\n").code == 0
    assert filled("study", "show", "small").code == 1


def test_delete_with_yes_does_not_ask(filled: Autoae) -> None:
    folder = Path("storage/runs/small/0")
    folder.mkdir(parents=True)
    said = filled("study", "delete", "small", "--yes")
    assert said.code == 0
    assert "deleted study small with 12 trials" in said.err
    assert not folder.exists()
