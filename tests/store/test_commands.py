"""What may be asked of a study, from its storage alone."""

from collections.abc import Callable

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.store.attributes import REFUSED, RETRIED_FROM, UNPRUNED
from autoae.store.commands import CommandError, StudyCommands
from autoae.store.listing import study_list
from autoae.store.queueing import QUEUED
from autoae.store.requests import Requests, requests_of
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.studies import create_study
from tests.store.conftest import small


@pytest.fixture
def study(storage: BaseStorage) -> optuna.Study:
    """A trial of each state: complete, pruned, failed, refused, running, waiting."""
    study = create_study(storage, small())
    for _ in range(5):
        trial = study.ask()
        trial.suggest_int("model.encoder.depth", 1, 3)
        trial.suggest_categorical("model.encoder.width.1", [8, 16])
        trial.suggest_float("training.lr", 1e-4, 1e-1, log=True)
    study.tell(0, 0.5)
    study.tell(1, state=TrialState.PRUNED)
    study.tell(2, state=TrialState.FAIL)
    storage.set_trial_user_attr(study.trials[3]._trial_id, REFUSED, True)
    study.tell(3, state=TrialState.PRUNED)
    study.enqueue_trial({"training.lr": 0.01})
    return study


@pytest.fixture
def commands(storage: BaseStorage, study: optuna.Study) -> StudyCommands:
    return StudyCommands(storage, study)


def test_a_pause_is_seen_everywhere_until_the_study_is_resumed(
    url: str, study: optuna.Study, commands: StudyCommands
) -> None:
    assert requests_of(study) == Requests()
    assert commands.pause()
    since = requests_of(study).paused
    assert since is not None
    assert not commands.pause()
    # To ask twice does not change since when.
    assert read_snapshot(study).paused == since
    assert [each.paused for each in study_list(url)] == [True]
    assert commands.resume()
    assert not commands.resume()
    assert requests_of(study).paused is None
    assert read_snapshot(study).paused is None
    assert [each.paused for each in study_list(url)] == [False]


def test_each_stop_is_another_one(study: optuna.Study, commands: StudyCommands) -> None:
    commands.stop()
    first = requests_of(study).stop
    commands.stop()
    assert None not in {first, requests_of(study).stop}
    assert requests_of(study).stop != first


def test_only_a_running_trial_can_be_pruned(study: optuna.Study, commands: StudyCommands) -> None:
    for number, word in ((0, "complete"), (1, "pruned"), (2, "failed"), (5, "waiting")):
        with pytest.raises(CommandError, match=f"trial {number} is {word}"):
            commands.prune(number)
    commands.prune(4)
    commands.prune(4)
    assert requests_of(study).prune == {4}


@pytest.mark.parametrize(
    "act",
    [
        lambda commands: commands.prune(6),
        lambda commands: commands.retry(-1),
        lambda commands: commands.vary(6, {}),
        lambda commands: commands.note("seen", 6),
    ],
)
def test_a_trial_that_is_not_there_is_refused(
    commands: StudyCommands, act: Callable[[StudyCommands], object]
) -> None:
    with pytest.raises(SpecError, match="has trials 0 to 5"):
        act(commands)


@pytest.mark.parametrize("number", [1, 2])
def test_a_retried_trial_waits_with_the_same_parameters_once(
    study: optuna.Study, commands: StudyCommands, number: int
) -> None:
    counted = len(read_snapshot(study).counted)
    assert commands.retry(number) == 6
    old, new = study.trials[number], study.trials[6]
    assert new.state is TrialState.WAITING
    assert new.system_attrs[QUEUED] == old.params
    # Its pruner would end it once more.
    unpruned = {UNPRUNED: True} if number == 1 else {}
    assert new.user_attrs == {RETRIED_FROM: number, **unpruned}
    assert len(read_snapshot(study).counted) == counted - 1
    with pytest.raises(CommandError, match=f"trial 6 repeats trial {number}: it is waiting"):
        commands.retry(number)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(0, "is complete"), (3, "refused again"), (4, "is running"), (5, "is waiting")],
)
def test_what_did_not_fail_cannot_be_retried(
    study: optuna.Study, commands: StudyCommands, number: int, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        commands.retry(number)
    assert len(study.trials) == 6


def test_a_variation_keeps_what_is_not_changed(
    study: optuna.Study, commands: StudyCommands
) -> None:
    old = study.trials[0].params
    assert commands.vary(0, {"training.lr": 0.02, "model.encoder.depth": 3}) == 6
    assert study.trials[6].system_attrs[QUEUED] == {
        **old,
        "training.lr": 0.02,
        "model.encoder.depth": 3,
    }


def test_a_variation_drops_the_widths_beyond_its_depth(commands: StudyCommands) -> None:
    deep = commands.vary(
        0, {f"model.encoder.width.{layer}": 8 for layer in (1, 2)} | {"model.encoder.depth": 2}
    )
    flat = commands.vary(deep, {"model.encoder.depth": 1})
    assert "model.encoder.width.2" in commands.trial(deep).system_attrs[QUEUED]
    assert "model.encoder.width.2" not in commands.trial(flat).system_attrs[QUEUED]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training.rl": 0.1}, "did you mean 'training.lr'"),
        ({"training.lr": 0.5}, "not between 0.0001 and 0.1"),
        ({"model.activation": "gelu"}, "none of the study's values"),
        ({"model.encoder.depth": 1, "model.encoder.width.3": 8}, "does not apply"),
    ],
)
def test_a_variation_outside_the_space_is_refused(
    study: optuna.Study, commands: StudyCommands, changes: dict[str, Value], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        commands.vary(0, changes)
    assert len(study.trials) == 6
