"""Commands that act on a study, and what they say."""

import json

import pytest

from autoae.cli.opened import opened
from autoae.store.leases import own_lease
from autoae.store.log import StudyLog
from autoae.store.runs import run_root
from tests.cli.conftest import Autoae


@pytest.fixture
def running(filled: Autoae) -> Autoae:
    """The study `small` with trial 12 in training."""
    with opened("small", None) as found:
        trial = found.study.ask()
        trial.set_user_attr("autoae.lease", own_lease(1, 1).to_json())
    return filled


def test_a_study_is_paused_and_resumed(running: Autoae) -> None:
    said = running("study", "pause", "small")
    assert said.code == 0
    assert "small is paused" in said.err
    assert "running trials finish (1)" in said.err
    assert "autoae study resume small" in said.err
    assert "paused already" in running("study", "pause", "small").err
    assert "paused" in running("study", "list").out
    assert json.loads(running("study", "list", "--json").out)[0]["paused"] is True
    shown = running("study", "show", "small").out
    assert "paused since" in shown
    assert "autoae study resume small" in shown
    assert running("study", "show", "small", "--json").json["paused"]
    assert "small is resumed" in running("study", "resume", "small").err
    assert "is not paused" in running("study", "resume", "small").err
    assert "paused" not in running("study", "show", "small").out


def test_a_paused_study_is_not_run(running: Autoae) -> None:
    running("study", "pause", "small")
    said = running("study", "run", "small")
    assert said.code == 1
    assert "'small' is paused since" in said.err
    assert "autoae study resume small" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("study", "pause", "smal"),
        ("study", "resume", "smal"),
        ("study", "note", "smal"),
        ("study", "log", "smal"),
        ("study", "workers", "smal"),
        ("trial", "prune", "smal", "1"),
        ("trial", "retry", "smal", "1"),
        ("trial", "note", "smal", "1"),
    ],
)
def test_a_study_that_is_not_there_is_answered_with_the_nearest(
    filled: Autoae, words: tuple[str, ...]
) -> None:
    said = filled(*words)
    assert said.code == 1
    assert "did you mean 'small'?" in said.err


@pytest.mark.parametrize("verb", ["prune", "retry", "note"])
def test_a_trial_that_is_not_there_is_refused(filled: Autoae, verb: str) -> None:
    said = filled("trial", verb, "small", "12")
    assert said.code == 2
    assert "it has trials 0 to 11" in said.err


def test_only_a_running_trial_is_pruned(running: Autoae) -> None:
    assert "trial 12 ends within" in running("trial", "prune", "small", "12").err
    said = running("trial", "prune", "small", "0")
    assert said.code == 1
    assert "trial 0 is complete" in said.err


def test_a_failed_trial_is_retried_once(filled: Autoae) -> None:
    said = filled("trial", "retry", "small", "11")
    assert said.code == 0
    assert "trial 12 waits; it repeats trial 11" in said.err
    assert "autoae study run small" in said.err
    (waiting,) = json.loads(filled("trial", "list", "small", "--state", "waiting", "--json").out)
    assert waiting["retried_from"] == 11
    again = filled("trial", "retry", "small", "11")
    assert again.code == 1
    assert "trial 12 repeats trial 11" in again.err


def test_a_variation_is_enqueued(filled: Autoae) -> None:
    said = filled("trial", "enqueue", "small", "model.latent=7", "--like", "3")
    assert said.code == 0
    assert "trial 12 waits with model.latent=7, else as trial 3" in said.err
    assert filled("trial", "enqueue", "small", "model.latent=99", "--like", "3").code == 2
    assert filled("trial", "enqueue", "small", "model.latent=7", "--like", "33").code == 2


@pytest.mark.parametrize("words", [("study", "note", "small"), ("trial", "note", "small", "3")])
def test_a_note_is_added_and_read(filled: Autoae, words: tuple[str, ...]) -> None:
    assert filled(*words).out == "there is no note\n"
    assert filled(*words, "looks [promising]").code == 0
    assert filled(*words, "and *fast*").code == 0
    assert filled(*words).out == "looks [promising]\n\nand *fast*\n"
    assert filled(*words, "--json").json["note"] == "looks [promising]\n\nand *fast*"
    assert filled(*words, "  ").code == 2


def test_workers_are_shown(running: Autoae) -> None:
    said = running("study", "workers", "small")
    assert "running" in said.out
    (worker,) = json.loads(running("study", "workers", "small", "--json").out)
    assert (worker["trial"], worker["worker"], worker["life"]) == (12, 1, "running")


def test_without_workers_or_lines_it_is_said(filled: Autoae) -> None:
    assert "nobody trains study small" in filled("study", "workers", "small").err
    assert "log.jsonl has no line" in filled("study", "log", "small").err
    assert json.loads(filled("study", "log", "small", "--json").out) == []


def test_the_log_is_shown(filled: Autoae) -> None:
    with opened("small", None) as found:
        log = StudyLog(run_root(found.url) / "small")
    for number in range(3):
        log.append("failed", "worker killed by [SIGKILL]", number)
    said = filled("study", "log", "small", "--last", "2")
    assert said.out.count("worker killed by [SIGKILL]") == 2
    assert len(json.loads(filled("study", "log", "small", "--json").out)) == 3
