import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from autoae.analysis.compare import differences
from autoae.analysis.importance import Importance
from autoae.store.snapshot import StudySnapshot
from autoae.views.exports import csv_text, latex_text, rows
from autoae.views.summary import Surroundings, summary
from autoae.views.tables import trials_table
from autoae.views.trial import comparison, sparkline, trial_page
from tests.snapshots import NOTATION, pruned, study, trial

AROUND = Surroundings("Why?", {"runs": "storage/runs/small"}, [("autoae study run small", "go on")])
SHARES = Importance("val_accuracy", {"training.lr": 0.8, "model.latent": 0.199, "x": 0.001}, 9)


def _drawn(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as capture:
        console.print(what)
    lines = capture.get().splitlines()
    assert all(len(line) <= width for line in lines)
    return "\n".join(line.rstrip() for line in lines)


def _study(*metrics: str) -> StudySnapshot:
    values = [[0.5 + number / 20, 0.1 / (number + 1)] for number in range(8)]
    count = len(metrics) or 1
    trials = [
        trial(number, *each[:count], parameters=1000.0 * (number + 1))
        for number, each in enumerate(values)
    ]
    refused = replace(pruned(9, "params 9 is above the limit"), refused=True)
    return study([*trials, pruned(8), refused], *metrics)


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_answers_in_order(width: int) -> None:
    text = _drawn(summary(_study(), [SHARES], AROUND), width)
    places = [
        text.index(words)
        for words in (
            "small", "Why?", "9 of 20 trials: 8 complete, 2 pruned (1 of them refused",
            "Best trials", "0.8500", "What mattered for val_accuracy", "80%",
            "PED-ANOVA over 9 complete trials", "Front of val_accuracy against params",
            "storage/runs/small", "autoae study run small",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert NOTATION in text


def test_why_trials_failed_is_told_by_kind_with_the_first_of_each() -> None:
    rates = ("3e+31", "1.5e+30", "2")
    failed = [
        replace(trial(number), state="FAIL", values=(), reason=f"not finite (rate {rate})")
        for number, rate in enumerate(rates)
    ]
    hung = replace(trial(3), state="FAIL", values=(), reason="no epoch within 4 s")
    lost = replace(trial(4), state="FAIL", values=(), reason="interrupted")
    again = replace(trial(5, 0.5), retried_from=4)
    text = _drawn(summary(study([hung, *failed, lost, again]), [], AROUND))
    _, _, table = text.partition("Why trials failed")
    first, second = (line.split(maxsplit=2) for line in table.splitlines()[2:4])
    assert first == ["3", "0", "not finite (rate 3e+31)"]
    assert second == ["1", "3", "no epoch within 4 s"]
    assert "interrupted" not in text


def test_a_problem_of_the_importance_is_told_in_its_place() -> None:
    found = Importance("val_accuracy", {}, 3, "too few trials: 3 are complete, 8 are needed")
    assert "too few trials" in _drawn(summary(_study(), [found], AROUND))


@pytest.mark.parametrize(
    ("metrics", "title"),
    [
        (("val_accuracy", "val_mse"), "Front of val_mse against val_accuracy"),
        (("val_mse", "params"), "Front of val_mse against params"),
    ],
)
def test_several_objectives_make_the_front_with_a_cost_across(
    metrics: Sequence[str], title: str
) -> None:
    from autoae.spec.metrics import COSTS, METRICS
    from autoae.spec.settings import Objective

    known = {**METRICS, **COSTS}
    objectives = tuple(Objective(metric=m, direction=known[m].direction) for m in metrics)
    two = replace(_study("val_accuracy", "val_mse"), objectives=objectives)
    text = _drawn(summary(two, [], AROUND))
    assert title in text
    assert ("Front of val_accuracy against params" in text) == ("params" not in metrics)


def test_a_study_without_a_complete_trial_has_a_summary_too() -> None:
    text = _drawn(summary(study([]), [], AROUND))
    assert "none has started" in text
    assert "Best trials" not in text


def test_a_table_of_trials_shows_reasons_and_brackets_as_they_are() -> None:
    found = study([trial(0, 0.5), pruned(1, "the depth [red] fell behind")])
    text = _drawn(trials_table(found, found.trials), 120)
    assert "the depth [red] fell behind" in text


def test_the_page_of_a_trial_shows_everything_that_is_known() -> None:
    one = replace(
        trial(3, 0.75, params={"model.head": "L'(10)", "model.batch_norm": True}),
        metrics={"val_accuracy": 0.75, "train_loss": 0.0001},
        curves={"val_accuracy": ((1, 0.5), (2, 0.75))},
    )
    text = _drawn(trial_page(study([one]), one, {"folder": "storage/runs/small/3"}))
    for words in ("trial 3", "complete", NOTATION, "true", "1.00e-04", "▁█", "runs/small/3"):
        assert words in text


def test_a_curve_is_drawn_in_no_more_than_its_width() -> None:
    assert sparkline([]) == ""
    assert sparkline([1.0, 1.0]) == "▁▁"
    drawn = sparkline([float(value) for value in range(1000)], width=10)
    assert (len(drawn), drawn[0], drawn[-1]) == (10, "▁", "█")


def test_two_trials_side_by_side_show_only_what_differs() -> None:
    found = study(
        [
            trial(0, 0.5, params={"a": 1, "b": True}, parameters=1000),
            trial(1, 0.6, params={"a": 1, "b": False}, parameters=1500),
        ]
    )
    differing = differences(found, *found.trials)
    assert [each.name for each in differing] == ["b", "val_accuracy", "params", "flops"]
    text = _drawn(comparison((found.trials[0], found.trials[1]), differing))
    assert "+50.0%" in text
    assert "+20.0%" in text


def test_exports_hold_every_trial_and_escape_what_latex_would_read() -> None:
    found = _study()
    assert len(rows(found)) == 10
    lines = csv_text(found).splitlines()
    assert len(lines) == 11
    assert lines[0].startswith("trial,state,training.lr,params")
    latex = latex_text(found)
    assert r"C(16) \textgreater{} C(32)" in latex
    assert r"val\_accuracy" in latex


def test_a_trial_that_was_asked_again_has_not_failed() -> None:
    lost = replace(trial(1), state="FAIL", values=(), reason="interrupted")
    again = replace(trial(2, 0.8), retried_from=1)
    broken = replace(trial(3), state="FAIL", values=(), reason="the loss is not finite")
    text = _drawn(summary(study([trial(0, 0.9), lost, again, broken]), [], AROUND), 120)
    assert "3 of 20 trials: 2 complete, 1 failed, 1 lost and asked again" in text


def test_a_file_gets_no_lines_that_end_in_blanks() -> None:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    with console.capture() as capture:
        console.print(summary(_study(), [SHARES], AROUND))
    assert max(map(len, capture.get().splitlines())) < 120
