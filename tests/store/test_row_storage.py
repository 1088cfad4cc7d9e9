"""What is read and written in plain SQL is what Optuna reads and writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, nan

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, RDBStorage, _CachedStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from autoae.store import storage as opening
from autoae.store.cached_rows import CachedRows
from autoae.store.row_reading import Extent
from autoae.store.row_storage import RowStorage
from autoae.store.storage import close_storage, open_storage


@contextmanager
def both(url: str) -> Iterator[tuple[RowStorage, RDBStorage]]:
    """Ours and Optuna's own, on one database."""
    close_storage(open_storage(url))
    ours, theirs = RowStorage(url), RDBStorage(url)
    yield ours, theirs
    close_storage(ours)
    close_storage(theirs)


@pytest.fixture
def row_storage(url: str) -> Iterator[RowStorage]:
    """Ours alone."""
    with both(url) as (ours, _):
        yield ours


def search(storage: BaseStorage, name: str) -> None:
    """Trials in every state, with every kind of number, range and attribute."""
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        sampler=optuna.samplers.RandomSampler(seed=1),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1),
    )
    study.enqueue_trial({"layers": 2}, user_attrs={"why": ["it", {"waits": None}]})
    for value in (0.5, inf, -inf):
        trial = study.ask()
        trial.suggest_float("rate", 1e-4, 1.0, log=True)
        trial.suggest_categorical("kind", ["a", True, None, 3])
        trial.suggest_int("layers", 1, 9, step=2) if value == inf else None
        for step, each in enumerate((value, nan, inf, 0.25)):
            trial.report(each, step)
        trial.should_prune()
        trial.set_user_attr("note", "first")
        trial.set_user_attr("note", "second")
        study.tell(trial, value)
    study.tell(study.ask(), state=TrialState.PRUNED)
    study.tell(study.ask(), state=TrialState.FAIL)
    study.ask().suggest_float("rate", 1e-4, 1.0, log=True)
    storage.set_trial_state_values(study.ask()._trial_id, TrialState.WAITING)
    study.enqueue_trial({"rate": 0.1})


def trials_of(storage: BaseStorage, name: str) -> list[dict[str, object]]:
    """Everything about the trials of a study, but for their moments and identities."""
    left_out = {"_trial_id", "datetime_start", "_datetime_start", "datetime_complete"}
    found = storage.get_all_trials(storage.get_study_id_from_name(name))
    return [
        # As text, for NaN is not equal to itself.
        {key: _text(value) for key, value in vars(trial).items() if key not in left_out}
        for trial in found
    ]


def _text(value: object) -> str:
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def test_it_writes_and_reads_what_optuna_does(any_url: str) -> None:
    with both(any_url) as (ours, theirs):
        search(ours, "ours")
        search(theirs, "theirs")
        expected = trials_of(theirs, "theirs")
        assert len(expected) == 8
        assert trials_of(ours, "ours") == expected
        assert trials_of(theirs, "ours") == expected
        assert trials_of(ours, "theirs") == expected


def test_a_trial_has_the_moments_and_the_order_of_parameters_that_optuna_gives_it(
    url: str,
) -> None:
    with both(url) as (ours, theirs):
        search(ours, "ours")
        for trial in theirs.get_all_trials(1):
            found = ours.get_trial(trial._trial_id)
            assert found.datetime_start == trial.datetime_start
            assert found.datetime_complete == trial.datetime_complete
            assert list(found.params) == list(trial.params) == list(found.distributions)
        given = create_trial(state=TrialState.FAIL)
        one, other = (each.create_new_trial(1, given) for each in (ours, theirs))
        assert ours.get_trial(one).datetime_complete == given.datetime_complete
        assert ours.get_trial(one).duration == ours.get_trial(other).duration


def test_values_of_several_objectives_keep_their_order(url: str) -> None:
    directions = [StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE]
    with both(url) as (ours, theirs):
        study = optuna.create_study(storage=ours, study_name="three", directions=directions)
        study.tell(study.ask(), [3.0, -inf, 1.0])
        assert ours.get_all_trials(1)[0].values == [3.0, -inf, 1.0]
        assert theirs.get_all_trials(1)[0].values == [3.0, -inf, 1.0]


def test_a_trial_that_has_ended_is_not_changed(row_storage: RowStorage) -> None:
    study = optuna.create_study(storage=row_storage)
    study.ask().suggest_float("rate", 0.0, 1.0)
    trial = study.ask()
    study.tell(trial, 1.0)
    before = trials_of(row_storage, study.study_name)
    number, rate = trial._trial_id, FloatDistribution(0.0, 1.0)
    writes: list[Callable[[], None]] = [
        lambda: row_storage._set_trial_param(number, "rate", 0.5, rate, rate),
        lambda: row_storage.set_trial_intermediate_value(number, 1, 0.5),
        lambda: row_storage.set_trial_user_attr(number, "note", "late"),
        lambda: row_storage.set_trial_system_attr(number, "note", "late"),
    ]
    for write in writes:
        with pytest.raises(UpdateFinishedTrialError):
            write()
    assert trials_of(row_storage, study.study_name) == before


def test_a_range_of_another_kind_is_refused_as_optuna_refuses_it(url: str) -> None:
    storage = open_storage(url)
    study = optuna.create_study(storage=storage)
    study.ask().suggest_float("rate", 0.0, 1.0)
    with pytest.raises(ValueError, match="distribution"):
        study.ask().suggest_categorical("rate", [0.0, 1.0])
    close_storage(storage)


def test_what_is_gone_is_named_as_optuna_names_it(row_storage: RowStorage) -> None:
    with pytest.raises(KeyError):
        row_storage.get_trial(7)
    with pytest.raises(KeyError):
        row_storage.get_all_trials(7)
    with pytest.raises(KeyError):
        row_storage.get_study_user_attrs(7)
    with pytest.raises(KeyError):
        row_storage.create_new_trial(7, create_trial(state=TrialState.RUNNING))


def test_what_another_program_does_to_an_older_trial_is_seen(url: str) -> None:
    storage, other = open_storage(url), open_storage(url)
    study = optuna.create_study(storage=storage, study_name="shared")
    older, newer = study.ask(), study.ask()
    study.tell(newer, 1.0)
    assert study.get_trials(deepcopy=False)[0].intermediate_values == {}
    optuna.load_study(study_name="shared", storage=other).tell(older.number, 0.5)
    optuna.load_study(study_name="shared", storage=other).ask()
    states = [trial.state for trial in study.get_trials(deepcopy=False)]
    assert states == [TrialState.COMPLETE, TrialState.COMPLETE, TrialState.RUNNING]
    close_storage(storage)
    close_storage(other)


def test_on_an_unknown_schema_optuna_does_everything(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = open_storage(url)
    monkeypatch.setattr(opening, "KNOWN_SCHEMAS", frozenset())
    unknown = open_storage(url)
    assert type(known) is CachedRows
    assert type(unknown) is _CachedStorage
    assert type(unknown._backend) is RDBStorage
    close_storage(known)
    close_storage(unknown)


@pytest.mark.parametrize("params", [True, False])
def test_it_reads_no_more_of_each_trial_than_it_is_told_to(any_url: str, params: bool) -> None:
    storage = open_storage(any_url)
    assert isinstance(storage, CachedRows)
    storage.rows.extent = Extent(
        frozenset({"leased"}), frozenset({"decides"}), params=params, curves=False
    )
    study = optuna.create_study(storage=storage, study_name="lean")
    for _ in range(3):
        trial = study.ask()
        trial.suggest_float("rate", 0.0, 1.0)
        trial.report(0.25, 1)
        for name in ("decides", "leased", "configuration"):
            trial.set_user_attr(name, {"large": 1})
    study.tell(0, 0.5)
    study.tell(1, state=TrialState.PRUNED)
    complete, pruned, running = study.get_trials(deepcopy=False)
    close_storage(storage)
    assert complete.params.keys() == ({"rate"} if params else set())
    assert pruned.params.keys() == running.params.keys() == {"rate"}
    assert [complete.values, pruned.values, running.values] == [[0.5], [0.25], None]
    assert complete.user_attrs.keys() == pruned.user_attrs.keys() == {"decides"}
    assert running.user_attrs.keys() == {"decides", "leased"}
    assert complete.intermediate_values == {}
    assert pruned.intermediate_values == running.intermediate_values == {1: 0.25}
    assert complete.datetime_start is None
    assert running.datetime_start is not None


def test_trials_stand_by_their_numbers_in_whichever_order_they_came(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reader = open_storage(url), open_storage(url)
    assert isinstance(reader, CachedRows)
    study = optuna.create_study(storage=writer, study_name="late")
    first, second, third = (study.ask() for _ in range(3))
    study.tell(third, 1.0)
    trials = writer.get_all_trials(study._study_id, deepcopy=False)
    # A transaction that began earlier may be done later.
    for come in ([1, 2], [0, 1]):
        monkeypatch.setattr(
            reader.rows, "_get_trials", lambda *_, come=come, **__: [trials[n] for n in come]
        )
        found = reader.get_all_trials(study._study_id, deepcopy=False)
    assert [trial.number for trial in found] == [0, 1, 2]
    assert [trial.number for trial in trials] == [first.number, second.number, third.number]
    close_storage(writer)
    close_storage(reader)


def test_parameters_of_a_trial_that_somebody_ended_are_refused(url: str) -> None:
    storage, other = open_storage(url), open_storage(url)
    study = optuna.create_study(storage=storage, study_name="shared")
    trial = study.ask()
    optuna.load_study(study_name="shared", storage=other).tell(trial.number, 0.5)
    assert study.get_trials(deepcopy=False)[0].state == TrialState.COMPLETE
    with pytest.raises(UpdateFinishedTrialError):
        trial.suggest_float("rate", 0.0, 1.0)
    close_storage(storage)
    close_storage(other)
