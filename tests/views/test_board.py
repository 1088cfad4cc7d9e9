from dataclasses import dataclass

import pytest

from autoae.spec.settings import Objective, Settings
from autoae.views.board import INTERRUPTED, Board

ACCURACY = Objective(metric="val_accuracy", direction="maximize")
ERROR = Objective(metric="val_mse", direction="minimize")


WHY = Settings(description="Which knobs of a hybrid\n  matter? " + "so " * 40)


@dataclass(frozen=True)
class Question:
    """As much of a study file as a view reads."""

    objectives: tuple[Objective, ...] = (ACCURACY, ERROR)
    name: str = "digits-hybrid"
    settings: Settings = WHY


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    made = Board(clock)
    made.study_started(Question(), 20, 5)
    return made


def _train(board: Board, number: int, epochs: int = 2) -> None:
    board.trial_started(number, "C(8) > L'(4)", {"params": 1000})
    for epoch in range(1, epochs + 1):
        board.epoch(number, epoch, epochs, {"val_accuracy": 0.1 * epoch})


def test_finished_trials_use_up_the_budget_but_refused_and_interrupted_ones_do_not(
    board: Board,
) -> None:
    for number, (state, reason) in enumerate(
        [("COMPLETE", ""), ("PRUNED", "fell behind"), ("FAIL", "not finite"), ("FAIL", INTERRUPTED)]
    ):
        _train(board, number)
        board.trial_finished(number, state, (0.5, 0.1) if state == "COMPLETE" else (), reason)
    board.trial_finished(9, "PRUNED", (), "too large")
    assert board.done == 5 + 3
    assert board.states == {
        "complete": 1, "pruned": 1, "failed": 1, "interrupted": 1, "refused": 1,
    }  # fmt: skip
    assert not board.running


def test_the_best_of_each_objective_follows_its_direction(board: Board) -> None:
    for number, values in enumerate([(0.5, 0.3), (0.9, 0.5), (0.7, 0.1)]):
        _train(board, number)
        board.trial_finished(number, "COMPLETE", values, "")
    found = {metric: (best.value, best.trial.number) for metric, best in board.best.items()}
    assert found == {"val_accuracy": (0.9, 1), "val_mse": (0.1, 2)}


def test_rates_and_time_left_follow_the_clock(board: Board, clock: Clock) -> None:
    assert board.seconds_left() is None
    _train(board, 0)
    board.trial_finished(0, "COMPLETE", (0.5, 0.1), "")
    clock.now += 10
    assert board.trials_per_hour == pytest.approx(360)
    assert board.epochs_per_second == pytest.approx(0.2)
    assert board.seconds_left() == pytest.approx(14 * 10)
    assert board.seconds_left(timeout=60) == pytest.approx(50)
    assert board.seconds_left(timeout=5) == 0


def test_a_metric_that_is_a_cost_is_known_from_the_start(board: Board) -> None:
    board.trial_started(0, "L(4)", {"params": 7})
    assert board.running[0].known("params") == 7
    assert board.running[0].known("val_mse") is None
