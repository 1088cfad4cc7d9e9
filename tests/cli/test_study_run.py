import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import autoae.search.run as search
from autoae.cli.opened import opened
from autoae.cli.running import check_device
from autoae.search.cluster import Cluster
from autoae.search.observer import Observer
from autoae.search.shares import Shares
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from tests.cli.conftest import Autoae

Wishes = list[search.RunOptions]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Wishes]:
    """Put a run that trains nothing in the place of the real one; it keeps what it was told."""

    def replace(interrupted: bool) -> Wishes:
        wishes: Wishes = []

        def run(
            name: str, _url: str, options: search.RunOptions, observer: Observer
        ) -> search.Outcome:
            wishes.append(options)
            with opened(name, None) as study:
                observer.study_started(study.spec, 20, 12)
            observer.trial_started(12, "C(4) > L'(2)", {"params": 7})
            observer.trial_finished(12, "COMPLETE", [0.9], "")
            return search.Outcome({"COMPLETE": 1}, interrupted, "the budget is used up")

        monkeypatch.setattr(search, "run_study", run)
        return wishes

    return replace


def test_a_run_prints_plain_lines_and_then_the_answer(
    filled: Autoae, runs: Callable[[bool], Wishes]
) -> None:
    runs(False)
    said = filled("study", "run", "small")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "study small: 12 of 20 trials done"
    expected = "13/20 trial 12 complete val_accuracy 0.9000 params 7 C(4) > L'(2)"
    assert " ".join(lines[1].split()) == expected
    assert "Best trials" in said.out
    assert "small: the budget is used up" in said.err


def test_what_is_said_of_one_run_reaches_it(filled: Autoae, runs: Callable[[bool], Wishes]) -> None:
    wishes = runs(False)
    words = ("--workers", "3", "--device", "cpu", "--timeout", "2m", "--trials", "30")
    assert filled("study", "run", "small", *words).code == 0
    assert filled("study", "run", "small").code == 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert wishes == [
        search.RunOptions(3, "cpu", 120.0, 30),
        search.RunOptions(cores or 1, None, None, None),
    ]


def test_a_worker_joins_and_leaves_the_answer_to_others(
    filled: Autoae, runs: Callable[[bool], Wishes]
) -> None:
    wishes = runs(False)
    said = filled("worker", "small", "--workers", "2", "--retries", "1")
    assert said.code == 0
    assert wishes == [search.RunOptions(2, retries=1, joins=True)]
    assert "13/20 trial 12 complete" in " ".join(said.out.split())
    assert "Best trials" not in said.out
    assert "small: the budget is used up" in said.err


def test_an_interrupted_worker_says_how_to_go_on(
    filled: Autoae, runs: Callable[[bool], Wishes]
) -> None:
    runs(True)
    said = filled("worker", "small")
    assert said.code == 130
    assert "autoae worker small" in said.err


def test_event_files_are_asked_for_with_a_run(
    filled: Autoae, runs: Callable[[bool], Wishes], monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = runs(False)
    assert filled("study", "run", "small", "--tensorboard").code == 0
    assert [each.tensorboard for each in wishes] == [True]
    monkeypatch.setattr("autoae.search.event_files.find_spec", lambda _: None)
    for words in (
        ("study", "run", "small"),
        ("study", "create", "digits-hybrid", "--name", "other"),
        ("model", "train", "digits-hybrid", "--middle"),
    ):
        said = filled(*words, "--tensorboard")
        assert said.code == 1
        assert "pip install 'autoae[tensorboard]'" in said.err
    assert len(wishes) == 1
    assert filled("study", "show", "other").code != 0


@pytest.mark.parametrize("device", ["tpu", "cuda:99"])
def test_a_device_that_is_not_there_costs_no_trial(
    filled: Autoae, runs: Callable[[bool], Wishes], device: str
) -> None:
    wishes = runs(False)
    said = filled("study", "run", "small", "--device", device)
    assert said.code in (1, 2)
    assert device in said.err
    assert not wishes


def test_as_json_stdout_holds_the_answer_alone(
    filled: Autoae, runs: Callable[[bool], Wishes]
) -> None:
    runs(False)
    said = filled("study", "run", "small", "--json")
    assert said.json["study"] == "small"
    assert "trial 12" in said.err


def test_an_interrupted_run_ends_with_130_and_says_how_to_go_on(
    filled: Autoae, runs: Callable[[bool], Wishes]
) -> None:
    runs(True)
    said = filled("study", "run", "small")
    assert said.code == 130
    assert "autoae study run small" in said.err
    assert "Best trials" in said.out


def test_the_dashboard_gets_figures_that_it_does_not_draw_itself(
    filled: Autoae, runs: Callable[[bool], Wishes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So short a run has earned no drawing.
    monkeypatch.setattr("autoae.cli.drawing.SHARE", 1e9)
    runs(False)
    assert filled("study", "run", "small").code == 0
    with opened("small", None) as study:
        kept = json.dumps(study.storage.get_study_system_attrs(study.study._study_id))
    assert "autoae-front" in kept


def _start(folder: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "autoae", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("in_threads")
def test_a_study_is_created_run_and_continued(
    autoae: Autoae, study_file: Path, tmp_path: Path
) -> None:
    words = ("study", "create", str(study_file), "--run", "--workers", "1", "--json")
    run = _start(tmp_path, *words, "--set", "data.limit=100")
    out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    assert json.loads(out)["done"] == 4
    more = autoae("study", "run", "small", "--trials", "6", "--workers", "2", "--json")
    assert more.json["done"] == 6
    assert (tmp_path / "storage" / "runs" / "small").is_dir()


@pytest.mark.slow
def test_an_interrupted_study_ends_with_130_and_can_be_stopped_from_elsewhere(
    autoae: Autoae, study_file: Path, tmp_path: Path
) -> None:
    many = ("--trials", "500", "--set", "training.epochs=300", "--set", "search.pruner=none")
    run = _start(tmp_path, "study", "create", str(study_file), "--run", "--workers", "1", *many)
    _wait_for_a_running_trial(tmp_path)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    again = _start(tmp_path, "study", "run", "small", "--workers", "1")
    _wait_for_a_running_trial(tmp_path)
    assert "running trials (1) stop when their epoch ends" in autoae("study", "stop", "small").err
    _, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert "stopped on request" in err


def _wait_for_a_running_trial(folder: Path) -> None:
    """Until the database says that a trial is running, or far too long."""
    from autoae.spec.errors import UserError
    from autoae.store.listing import study_list

    for _ in range(600):
        try:
            studies = study_list(f"sqlite:///{folder}/storage/autoae.db")
        except UserError:
            studies = ()
        if any(study.counts.get("RUNNING") for study in studies):
            return
        time.sleep(0.1)
    raise AssertionError("no trial has started")


@pytest.mark.parametrize(
    ("given", "training"),
    [("cuda", {"engine": "numpy"}), (None, {"engine": "numpy", "device": "mps"})],
)
def test_a_device_that_the_engine_does_not_know_costs_no_trial(
    given: str | None, training: dict[str, Value]
) -> None:
    with pytest.raises(SpecError, match="knows the CPU alone"):
        check_device(given, training)
    check_device("cpu", training)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--gpus-per-worker 0.5", "--gpus-per-worker is for a run with --launcher ray"),
        ("--ray-address auto", "--ray-address is for a run with --launcher ray"),
        ("--launcher ray --gpus-per-worker 1.5", "'1.5' is no share"),
        ("--launcher ray --cpus-per-worker nan", "'nan' is no share"),
        ("--launcher ray --cpus-per-worker inf", "'inf' is no share"),
        ("--launcher ray --gpus-per-worker 0.00001", "a part of one, 0.0001 at least"),
        ("--launcher ray --cpus-per-worker 0", "takes a share of a core or of a GPU"),
        ("--launcher ray --device cuda", "workers on Ray get no GPU"),
    ],
)
def test_what_cannot_be_asked_of_ray(
    filled: Autoae, runs: Callable[[bool], Wishes], words: str, said: str
) -> None:
    wishes, told = runs(False), filled("study", "run", "small", *words.split())
    assert told.code == 2
    assert said in " ".join(told.err.replace("│", " ").split())
    assert not wishes


def test_an_interrupted_run_on_ray_goes_on_there(
    filled: Autoae, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def connected(*_: object) -> Iterator[Cluster]:
        yield Cluster(Shares(), 1)

    def run(*_: object, **__: object) -> search.Outcome:
        return search.Outcome({}, True, "interrupted")

    monkeypatch.setattr("autoae.search.cluster.connected", connected)
    monkeypatch.setattr(search, "run_study", run)
    words = "--launcher ray --ray-address auto --gpus-per-worker 0.25"
    said = filled("study", "run", "small", *words.split(), "--cpus-per-worker", "0.5")
    assert said.code == 130
    again = "--launcher ray --ray-address auto --cpus-per-worker 0.5 --gpus-per-worker 0.25"
    assert f"autoae study run small {again}" in " ".join(said.err.split())


def test_ray_is_named_where_it_is_missing(
    filled: Autoae, runs: Callable[[bool], Wishes], monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = runs(False)
    monkeypatch.setattr("autoae.search.cluster.find_spec", lambda _: None)
    said = filled("study", "run", "small", "--launcher", "ray")
    assert said.code == 1
    assert "pip install 'autoae[ray]'" in said.err
    assert not wishes


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:1", "Connection refused"),
        ("ray://head:10001", "runs on a machine of the cluster; write auto or HOST:PORT"),
        ("head", "write auto or HOST:PORT"),
    ],
)
def test_a_cluster_that_cannot_be_reached_costs_no_trial(
    filled: Autoae, runs: Callable[[bool], Wishes], address: str, reason: str
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'autoae[ray]')")
    wishes = runs(False)
    said = filled("study", "run", "small", "--launcher", "ray", "--ray-address", address)
    assert said.code == 1
    assert f"the Ray cluster {address} cannot be reached" in said.err
    assert reason in said.err
    assert not wishes
