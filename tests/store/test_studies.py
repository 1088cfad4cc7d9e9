"""Studies created, found, taken up again and deleted."""

import os
import warnings
from pathlib import Path

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from autoae.spec.errors import SpecError
from autoae.store.attributes import BUDGET, FORMAT, LEASE, SPEC, VERSION
from autoae.store.errors import StorageError, StudyExists, StudyNotFound
from autoae.store.leases import own_lease
from autoae.store.runs import study_folder, trial_folder
from autoae.store.studies import (
    KNOWN_FORMAT,
    check_name,
    create_study,
    delete_study,
    load_study,
    study_budget,
    study_spec,
)
from autoae.views.tui.storage_source import StorageSource
from tests.store.conftest import SMALL, TWO, small


def test_plain_optuna_sees_directions_and_names(storage: BaseStorage, url: str) -> None:
    create_study(storage, small(extra=TWO))
    theirs = optuna.load_study(study_name="small", storage=url)
    assert theirs.metric_names == ["val_mse", "params"]
    assert [direction.name for direction in theirs.directions] == ["MINIMIZE", "MINIMIZE"]


def test_creating_a_study_warns_of_nothing(storage: BaseStorage) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        create_study(storage, small())


def test_the_study_file_comes_back_as_it_was(storage: BaseStorage) -> None:
    spec = small(extra="search: {trials: 7}\nlimits: {params: 1000}\n")
    kept = study_spec(create_study(storage, spec))
    assert kept.domains() == spec.domains()
    assert kept.settings == spec.settings
    assert study_budget(load_study(storage, "small")) == 7


def test_an_existing_study_is_not_touched(storage: BaseStorage) -> None:
    create_study(storage, small())
    with pytest.raises(StudyExists) as refused:
        create_study(storage, small(extra="search: {trials: 7}\n"))
    assert "autoae study run small" in refused.value.hint
    assert "--if-exists reuse" in refused.value.hint
    assert study_budget(load_study(storage, "small")) == 50


def test_reuse_takes_up_other_ends_and_another_budget(storage: BaseStorage) -> None:
    create_study(storage, small())
    wider = SMALL.replace("max: 32", "max: 64").replace("max: 3}", "max: 4}")
    spec = small(text=wider, extra="search: {trials: 9, method: random}\n")
    study = create_study(storage, spec, reuse=True)
    assert study_budget(study) == 9
    assert study_spec(study).domains() == spec.domains()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[relu, tanh]", "[relu, gelu]", "model.activation"),
        ("[relu, tanh]", "[tanh, relu]", "model.activation"),
        ("[8, 16]", "[8, 32]", "model.encoder.width.1"),
        ("max: 1e-1, log: true", "max: 1e-1", "training.lr"),
        ("{min: 2, max: 32, log: true}", "8", "model.latent"),
        ("epochs: 2", "epochs: {min: 1, max: 2}", "training.epochs"),
        ("epochs: 2", "epochs: 3", "training.epochs"),
        ("epochs: 2", "epochs: 2\n  optimizer: sgd", "training.optimizer"),
        ("description: a question", TWO.strip(), "objectives"),
    ],
)
def test_reuse_refuses_another_space(storage: BaseStorage, old: str, new: str, key: str) -> None:
    create_study(storage, small())
    with pytest.raises(StudyExists) as refused:
        create_study(storage, small(text=SMALL.replace(old, new)), reuse=True)
    assert refused.value.key == key
    assert "--name" in refused.value.hint
    assert study_spec(load_study(storage, "small")).to_text() == small().to_text()


def test_a_creation_that_was_cut_short_is_completed(storage: BaseStorage) -> None:
    optuna.create_study(storage=storage, study_name="small")
    assert study_spec(create_study(storage, small())).domains() == small().domains()


def test_a_study_of_another_program_is_no_study_file(storage: BaseStorage) -> None:
    theirs = optuna.create_study(storage=storage, study_name="theirs")
    with pytest.raises(StorageError, match="another program"):
        study_spec(theirs)


def test_a_missing_study_is_answered_by_the_nearest(storage: BaseStorage) -> None:
    with pytest.raises(StudyNotFound, match="no study yet"):
        load_study(storage, "smal")
    create_study(storage, small())
    with pytest.raises(StudyNotFound, match="did you mean 'small'"):
        load_study(storage, "smal")


@pytest.mark.parametrize("name", ["a", "A.b_c-1", "9" * 100])
def test_names_that_are_folders_everywhere_are_allowed(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "-x", "a/b", "a b", "ä", "a" * 101, "a\n"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(SpecError, match="no name of a study"):
        check_name(name)


def test_deleting_takes_the_run_folders_along(storage: BaseStorage, tmp_path: Path) -> None:
    create_study(storage, small())
    create_study(storage, small("other"))
    for name in ("small", "other"):
        folder = trial_folder(tmp_path, name, 0)
        folder.write_json(folder.best, {})
    delete_study(storage, "small", tmp_path)
    assert optuna.get_all_study_names(storage) == ["other"]
    assert [path.name for path in tmp_path.glob("*/0")] == ["0"]
    assert not (tmp_path / "small").exists()


HOSTILE = st.builds(
    "".join,
    st.lists(st.sampled_from(["..", "/", "\\", "a", ".", "~", "\0", " ", "<b>"]), max_size=5),
)


@given(HOSTILE)
def test_no_name_leads_out_of_the_run_folders(name: str) -> None:
    root = Path("/runs").absolute()
    assert Path(os.path.normpath(study_folder(root, name))).parent == root


def test_deleting_a_study_of_a_hostile_name_deletes_nothing_else(
    storage: BaseStorage, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    optuna.create_study(storage=storage, study_name="../mine")
    delete_study(storage, "../mine", tmp_path / "runs")
    assert (tmp_path / "mine").is_dir()
    assert optuna.get_all_study_names(storage) == []


def test_a_study_of_a_newer_version_is_refused(storage: BaseStorage) -> None:
    study = create_study(storage, small())
    assert study.user_attrs[FORMAT] == KNOWN_FORMAT
    study.set_user_attr(FORMAT, KNOWN_FORMAT + 1)
    study.set_user_attr(VERSION, "99.1")
    with pytest.raises(StorageError, match=r"written by autoae 99\.1 in format 2") as caught:
        load_study(storage, "small")
    assert "pip install -U autoae" in str(caught.value.hint)
    with pytest.raises(StorageError, match="in format 2"):
        create_study(storage, small(), reuse=True)


def test_a_newer_version_need_not_have_said_which_it_is(storage: BaseStorage) -> None:
    study = create_study(storage, small())
    study.set_user_attr(FORMAT, KNOWN_FORMAT + 1)
    study.set_user_attr(VERSION, None)
    with pytest.raises(StorageError, match="by autoae of a newer version in format 2") as caught:
        load_study(storage, "small")
    assert caught.value.hint == "install it: pip install -U autoae"


def test_a_study_file_of_another_version_names_the_version_that_reads_it(
    storage: BaseStorage,
) -> None:
    study = create_study(storage, small())
    study.set_user_attr(SPEC, SMALL.replace("latent:", "laten:"))
    # Of this version there is none that reads it better.
    with pytest.raises(SpecError, match="laten: unknown key"):
        study_spec(study)
    study.set_user_attr(VERSION, "0.0.1")
    with pytest.raises(StorageError, match=r"laten: unknown.*written by autoae 0\.0\.1") as caught:
        study_spec(study)
    assert "pip install autoae==0.0.1" in caught.value.hint


def test_the_monitor_does_not_misread_a_newer_study_and_the_list_an_odd_budget(
    storage: BaseStorage, url: str
) -> None:
    study = create_study(storage, small())
    study.set_user_attr(FORMAT, KNOWN_FORMAT + 1)
    study.set_user_attr(BUDGET, "many")
    source = StorageSource(url)
    (listed,) = source.studies()
    assert (listed.name, listed.budget) == ("small", None)
    with pytest.raises(StorageError, match="in format 2"):
        source.study("small")
    source.close()


def test_a_study_from_before_formats_is_read(storage: BaseStorage) -> None:
    study = optuna.create_study(storage=storage, study_name="small")
    study.set_user_attr(SPEC, small().to_text())
    assert study_spec(load_study(storage, "small")).tree == small().tree


def test_a_running_study_is_not_deleted(storage: BaseStorage, tmp_path: Path) -> None:
    trial = create_study(storage, small()).ask()
    trial.set_user_attr(LEASE, own_lease(worker=0, pid=1).to_json())
    with pytest.raises(StorageError, match="running"):
        delete_study(storage, "small", tmp_path)
    load_study(storage, "small").tell(trial, state=TrialState.FAIL)
    delete_study(storage, "small", tmp_path)
