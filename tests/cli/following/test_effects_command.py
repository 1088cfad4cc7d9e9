"""`autoae study effects`: the knob ledger in the terminal and for other programs."""

import csv
import io
from typing import Any

import optuna
import pytest
from rich.console import Console

from autoae.analysis.ledger import CostChange, Effect, Interval, Ledger
from autoae.cli.output import stdout
from autoae.views.ledger import csv_text, latex_text, ledger_page
from tests.cli.conftest import Autoae


def facts(said: Any) -> Any:
    assert said.code == 0, said.err
    return said.json


def test_a_list_is_compared_seed_by_seed(trained: Autoae) -> None:
    text = trained("study", "effects", "listed").out
    assert "Each change against the baseline, with the same 3 seeds." in text
    assert "variant from narrow" in text
    assert "  to wide" in text
    assert "Effects on val_mse (less is better)" in text
    assert "Effects on val_loss" not in text


def test_whether_reconstruction_regularises_is_said(trained: Autoae) -> None:
    text = " ".join(trained("study", "effects", "listed").out.split())
    assert "Reconstruction as a regulariser: of 1 comparison it makes the gap" in text
    assert "(3 seeds, paired, corrected for all comparisons)" in text


def test_programs_get_every_metric(trained: Autoae) -> None:
    ledger = facts(trained("study", "effects", "listed", "--json"))
    assert {"val_mse", "val_loss"} <= set(ledger["metrics"])
    rows = list(
        csv.DictReader(io.StringIO(trained("study", "effects", "listed", "--format", "csv").out))
    )
    assert {row["metric"] for row in rows} == set(ledger["metrics"])
    assert {row["knob"] for row in rows} == {"variant"}
    one = facts(trained("study", "effects", "listed", "--metric", "val_psnr", "--json"))
    assert one["metrics"] == ["val_psnr"]
    latex = trained("study", "effects", "listed", "--format", "latex").out
    assert latex.startswith(r"\begin{tabular}")
    assert r"$\rightarrow$" in latex


def test_all_metrics_can_be_shown(trained: Autoae) -> None:
    text = trained("study", "effects", "listed", "--metric", "all").out
    assert "Effects on val_mse" in text
    assert "Effects on val_loss" in text


def test_a_search_with_too_few_trials_says_what_is_needed(trained: Autoae) -> None:
    said = trained("study", "effects", "tiny")
    assert said.code == 0
    assert "Observational" in said.out
    assert "too few trials" in said.out
    assert "needed" in said.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nosuch",), 1, "there is no study 'nosuch'"),
        (("tiny", "--metric", "val_acuracy"), 2, "did you mean 'val_accuracy'"),
        (("tiny", "--format", "xlsx"), 2, "--format"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    trained: Autoae, words: tuple[str, ...], code: int, says: str
) -> None:
    said = trained("study", "effects", *words)
    assert said.code == code
    assert says in said.err


@pytest.mark.parametrize("extra", [(), ("--json",), ("--format", "csv")])
def test_without_trials_one_line_says_so(trained: Autoae, extra: tuple[str, ...]) -> None:
    trained("study", "create", "digits-hybrid")
    said = trained("study", "effects", "digits-hybrid", *extra)
    assert said.code == 1
    assert "shows no effects: no trial has finished yet" in said.err
    assert "autoae study run digits-hybrid" in said.err
    assert not said.out


def test_running_trials_are_said(trained: Autoae) -> None:
    study = optuna.load_study(study_name="listed", storage="sqlite:///storage/autoae.db")
    study.ask()
    said = trained("study", "effects", "listed")
    assert said.code == 0
    assert "have not ended" in said.out


def effect(**changes: Any) -> Effect:
    values: dict[str, Any] = {
        "knob": "training.lr", "level": "0.1", "reference": "0.01", "kind": "level",
        "metric": "val_mse", "direction": "minimize", "estimate": 0.5,
        "interval": Interval(0.4, 0.6), "simultaneous": Interval(0.3, 0.7), "p": 0.001,
        "corrected_p": 0.002, "comparisons": 2, "count": 5, "reference_count": 5,
        "trials": (3, 4), "epoch": None, "verdict": "hurts", "reason": "", "detectable": 0.1,
        "needed": None, "costs": (),
    }  # fmt: skip
    return Effect(**values | changes)


def ledger(*effects: Effect) -> Ledger:
    return Ledger(
        study="small", design="paired", baseline={"training.lr": 0.01}, metrics=("val_mse",),
        effects=effects, states={"complete": 4}, seeds=(0, 1), method=("How.",), notices=("Mind.",),
        problem=None,
    )  # fmt: skip


def drawn(found: Ledger, capsys: pytest.CaptureFixture[str]) -> str:
    stdout().print(ledger_page(found, ("val_mse",)))
    return capsys.readouterr().out


def test_costs_stand_beside_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    costs = (
        CostChange("params", 50.0, 100.0, None),
        CostChange("seconds", 0.1, 2.0, Interval(-0.5, 0.7)),
        CostChange("flops", 0.0, 10.0, None),
    )
    text = drawn(ledger(effect(costs=costs)), capsys)
    assert "+50.0%" in text
    assert "≈" in text  # Within its noise.
    assert "flops" not in text  # Nothing changes it.
    assert "hurts" in text
    assert "0.002" in text


def test_a_narrow_terminal_breaks_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=80)
    many = [effect(knob=name) for name in ("model.encoder.width.1", "training.lr")]
    console.print(ledger_page(ledger(*many), ("val_mse",)))
    lines = capsys.readouterr().out.splitlines()
    assert any(line.strip() == "model.encoder.width.1 from 0.01" for line in lines)
    assert all(len(line) <= 80 for line in lines)
    assert sum("0.40 to 0.60" in line and "hurts" in line for line in lines) == 2


def test_what_could_not_be_judged_says_why_once(capsys: pytest.CaptureFixture[str]) -> None:
    doubtful = [
        effect(knob=name, verdict="too few trials", reason="2 seeds; 3 are needed")
        for name in ("a", "b")
    ]
    text = drawn(ledger(effect(), *doubtful), capsys)
    assert text.count("2 seeds; 3 are needed") == 1
    assert "a 0.1, b 0.1: too few trials" in text


def test_nothing_known_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {
        "estimate": None,
        "interval": None,
        "verdict": "too few trials",
        "reason": "3 needed",
    }
    text = drawn(ledger(effect(**nothing)), capsys)
    assert "training.lr 0.1: too few trials, 3 needed." in text
    assert "95 % interval" not in text


def test_tables_hold_what_the_ledger_holds() -> None:
    found = ledger(effect(costs=(CostChange("params", 5.0, 0.0, Interval(4, 6)),)))
    (row,) = csv.DictReader(io.StringIO(csv_text(found)))
    assert (row["effect"], row["low"], row["params_change"], row["params_relative"]) == (
        *("0.5", "0.4"),
        *("5.0", ""),
    )
    assert "0.01 $\\rightarrow$ 0.1" in latex_text(found, ("val_mse",))
