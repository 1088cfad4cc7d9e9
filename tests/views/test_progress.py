import io

import pytest
from rich.console import Console

from autoae.spec.settings import Objective
from autoae.views.board import Board
from autoae.views.plain import PlainView
from autoae.views.progress import ProgressView, render
from tests.views.test_board import ACCURACY, ERROR, Clock, Question

NETWORK = "C(16) > S(32,k4) > S(64) > L'(74) | L(512) > L(128) > L'(10)"


def _board(question: Question, running: int = 2) -> Board:
    clock = Clock()
    board = Board(clock)
    board.study_started(question, 60, 12)
    clock.now += 100
    for number in range(running + 1):
        board.trial_started(number, NETWORK, {"params": 137441})
        board.epoch(number, 12, 200, {"val_accuracy": 0.98761, "val_mse": 0.00012})
    values = [0.98761, 0.00012][: len(question.objectives)]
    board.trial_finished(0, "COMPLETE", values, "")
    return board


def _drawn(board: Board, width: int, most_rows: int = 10) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=24, force_terminal=False)
    with console.capture() as capture:
        console.print(render(board, most_rows))
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("objectives", [(ACCURACY,), (ACCURACY, ERROR)])
def test_the_view_fits_the_screen_and_shows_what_matters(
    width: int, objectives: tuple[Objective, ...]
) -> None:
    lines = _drawn(_board(Question(objectives)), width)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= 12
    text = "\n".join(lines)
    assert lines[0].startswith("digits-hybrid  Which knobs of a hybrid matter?")
    for words in ("13/60 trials", "12/200", "0.9876", "1 complete", "36 trials/h", "137k params"):
        assert words in text
    assert ("1.20e-04" in text) == (len(objectives) == 2)
    # The network of the best trial stands on a line of its own, uncut.
    assert f"    0  {NETWORK}" in lines


def test_nothing_breaks_in_a_narrow_terminal() -> None:
    assert all(len(line) <= 50 for line in _drawn(_board(Question((ACCURACY,))), 50))


def test_more_running_trials_than_fit_are_counted() -> None:
    lines = _drawn(_board(Question((ACCURACY,)), running=30), 80, most_rows=5)
    assert any("25 more" in line for line in lines)
    assert len(lines) <= 15


def test_before_the_study_starts_the_view_says_what_it_waits_for() -> None:
    assert "starting the workers" in _drawn(Board(), 80)[0]


def test_the_live_view_leaves_failures_with_their_reasons_behind() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, height=24, force_terminal=True, color_system=None)
    with ProgressView(console) as view:
        view.study_started(Question((ACCURACY,)), 10, 0)
        view.trial_started(0, NETWORK, {})
        view.epoch(0, 1, 2, {"val_accuracy": 0.5})
        view.trial_finished(0, "FAIL", (), "the loss is not finite in epoch 2")
        view.log("trial 3 was lost")
    said = stream.getvalue()
    assert "trial 0 failed: the loss is not finite in epoch 2" in said
    assert "trial 3 was lost" in said
    assert "1 failed" in said


def test_plain_lines_have_state_value_parameters_network_and_reason() -> None:
    stream = io.StringIO()
    with PlainView(stream) as view:
        view.study_started(Question((ACCURACY,)), 60, 0)
        view.trial_started(7, NETWORK, {"params": 137441})
        view.epoch(7, 1, 2, {"val_accuracy": 0.5})
        view.trial_finished(7, "COMPLETE", (0.9,), "")
        view.trial_started(8, NETWORK, {"params": 137441})
        view.epoch(8, 1, 2, {"val_accuracy": 0.1})
        view.trial_finished(8, "PRUNED", (), "fell behind after epoch 1")
        view.trial_finished(9, "PRUNED", (), "params 9 is above the limit 8")
        view.log("trial 3 was lost")
    assert [" ".join(line.split()) for line in stream.getvalue().splitlines()] == [
        "study digits-hybrid: 0 of 60 trials done",
        f"1/60 trial 7 complete val_accuracy 0.9000 params 137,441 {NETWORK}",
        "2/60 trial 8 pruned val_accuracy 0.1000 params 137,441 "
        f"{NETWORK} (fell behind after epoch 1)",
        "2/60 trial 9 refused (params 9 is above the limit 8)",
        "trial 3 was lost",
    ]
