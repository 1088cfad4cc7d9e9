"""`autoae study confirm`: real trainings of the best trials with seeds that did not choose them."""

from typing import Any

import pytest

from tests.cli.conftest import Autoae


def confirmed(said: Any) -> Any:
    assert said.code == 0, said.err
    return said.json


def test_the_best_trials_are_trained_again_with_new_seeds(trained: Autoae) -> None:
    said = trained("study", "confirm", "tiny", "--top", "3", "--seeds", "2", "--json")
    found = confirmed(said)
    assert (found["study"], found["confirmation"], found["profile"]) == (
        "tiny",
        "tiny-confirm",
        "quick",
    )
    candidates = found["found"]["candidates"]
    assert [len(each["mean"]["values"]) for each in candidates] == [2, 2, 2]
    means = [each["mean"]["mean"] for each in candidates]
    assert means == sorted(means, reverse=True)
    before = confirmed(trained("study", "show", "tiny", "--json"))
    assert {each["trial"] for each in candidates} == set(before["best"][:3])
    again = confirmed(trained("study", "show", "tiny-confirm", "--json"))["trials"]
    used = {trial["seed"] for trial in before["trials"]}
    assert {trial["seed"] for trial in again} == {max(used) + 1, max(used) + 2}


def test_a_candidate_is_the_network_that_it_was(trained: Autoae) -> None:
    trained("study", "confirm", "tiny", "--top", "2", "--seeds", "2", "--json")
    trials = confirmed(trained("study", "show", "tiny", "--json"))["trials"]
    for trial in confirmed(trained("study", "show", "tiny-confirm", "--json"))["trials"]:
        number = int(trial["params"]["variant"].removeprefix("trial-"))
        now, then = trial["configuration"], trials[number]["configuration"]
        now["training"]["seed"] = then["training"]["seed"]
        assert now == then
        assert (trial["epochs"], trial["state"]) == (2, "COMPLETE")


def test_a_quick_budget_is_named_and_can_be_undone(trained: Autoae) -> None:
    said = trained("study", "confirm", "tiny", "--top", "1", "--seeds", "2", "--no-run")
    assert "quick profile: data.limit 200, not 400; training.epochs 2, not 4" in said.err
    assert "--profile full" in said.err
    words = ("--top", "1", "--seeds", "2", "--profile", "full", "--name", "long", "--json")
    found = confirmed(trained("study", "confirm", "tiny", *words))
    assert found["profile"] is None
    for trial in confirmed(trained("study", "show", "long", "--json"))["trials"]:
        assert trial["epochs"] == trial["configuration"]["training"]["epochs"] == 4
        assert trial["configuration"]["data"]["limit"] == 400


def test_it_is_read_as_a_ranking_with_the_smallest_that_is_as_good(trained: Autoae) -> None:
    said = trained("study", "confirm", "tiny", "--top", "2", "--seeds", "2")
    assert "95 % interval" in said.out
    assert "within one standard error" in said.out
    assert "figures of the quick budget" in said.out
    assert "2 variants x 2 seeds = 4 trials" in said.err


def test_asked_again_it_trains_nothing_twice(trained: Autoae) -> None:
    words = ("study", "confirm", "tiny", "--top", "2", "--seeds", "2", "--json")
    first, second = confirmed(trained(*words)), confirmed(trained(*words))
    assert first == second
    assert "budget of 4 trials is used up" in trained(*words).err


def test_another_confirmation_needs_another_name(trained: Autoae) -> None:
    assert trained("study", "confirm", "tiny", "--top", "2", "--seeds", "2", "--no-run").code == 0
    said = trained("study", "confirm", "tiny", "--top", "3", "--seeds", "2", "--no-run")
    assert said.code == 1
    assert "--name" in said.err
    words = ("--top", "3", "--seeds", "2", "--no-run", "--name", "other")
    assert trained("study", "confirm", "tiny", *words).code == 0


def test_of_a_list_the_variants_are_confirmed(trained: Autoae) -> None:
    found = confirmed(trained("study", "confirm", "listed", "--top", "2", "--seeds", "2", "--json"))
    assert len(found["found"]["candidates"]) == 2
    trials = confirmed(trained("study", "show", "listed-confirm", "--json"))["trials"]
    assert {trial["seed"] for trial in trials} == {3, 4}


def test_fewer_candidates_than_asked_for_are_said(trained: Autoae) -> None:
    said = trained("study", "confirm", "listed", "--top", "9", "--seeds", "2", "--no-run")
    assert "4 different networks" in said.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nosuch",), 1, "there is no study 'nosuch'"),
        (("tiny", "--seeds", "1"), 2, "--seeds"),
        (("tiny", "--top", "0"), 2, "--top"),
        (("tiny", "--profile", "quick"), 2, "takes `full`"),
        (("tiny", "--name", "a b"), 2, "no name of a study"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    trained: Autoae, words: tuple[str, ...], code: int, says: str
) -> None:
    said = trained("study", "confirm", *words)
    assert said.code == code
    assert says in said.err
    assert not said.out


def test_a_study_without_a_complete_trial_has_nothing_to_confirm(trained: Autoae) -> None:
    trained("study", "create", "digits-hybrid")
    said = trained("study", "confirm", "digits-hybrid")
    assert said.code == 1
    assert "has no complete trial" in said.err
    assert "autoae study run digits-hybrid" in said.err
