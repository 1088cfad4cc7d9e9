import json

import pytest

from tests.cli.conftest import Autoae


def test_trials_are_listed_and_can_be_kept_by_state(filled: Autoae) -> None:
    assert len(json.loads(filled("trial", "list", "small", "--json").out)) == 12
    said = filled("trial", "list", "small", "--state", "failed")
    assert "the loss is not finite in epoch 1" in said.out
    assert "complete" not in said.out
    assert json.loads(filled("trial", "list", "small", "--state", "waiting", "--json").out) == []


def test_a_trial_is_shown_with_all_that_is_known(filled: Autoae) -> None:
    said = filled("trial", "show", "small", "9")
    for words in ("C(4) > L'(11) | L'(10)", "training.lr", "val_accuracy", "params", "10.0k"):
        assert words in said.out
    facts = filled("trial", "show", "small", "9", "--json").json
    assert isinstance(facts["trial"], dict)
    assert facts["trial"]["params"]["model.latent"] == 11


@pytest.mark.parametrize("number", ["12", "-1", "x"])
def test_a_trial_that_is_not_there_is_refused(filled: Autoae, number: str) -> None:
    said = filled("trial", "show", "small", "--", number)
    assert said.code == 2
    assert said.err


def test_two_trials_are_set_side_by_side(filled: Autoae) -> None:
    said = filled("trial", "compare", "small", "0", "9")
    assert "model.latent" in said.out
    assert "+900.0%" in said.out
    names = filled("trial", "compare", "small", "0", "9", "--json").json["differences"]
    assert isinstance(names, list)
    assert [each["name"] for each in names] == [
        "network", "training.lr", "model.latent", "val_accuracy", "params",
    ]  # fmt: skip
    assert "do not differ" in filled("trial", "compare", "small", "3", "3").out


def test_an_enqueued_trial_waits_with_its_parameters(filled: Autoae) -> None:
    said = filled("trial", "enqueue", "small", "model.latent=7", "training.lr=0.003")
    assert said.code == 0
    assert "trial 12 waits" in said.err
    assert "autoae study run small" in said.err
    (waiting,) = json.loads(filled("trial", "list", "small", "--state", "waiting", "--json").out)
    assert waiting["number"] == 12


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("model.latent=99", "between 2 and 16"),
        ("model.latent=2.5", "no step of 1"),
        ("model.latent=true", "expected a number"),
        ("training.lr=fast", "expected a number"),
        ("model.encoder.width.1=5", "values [4, 8]"),
        ("model.laten=3", "did you mean 'model.latent'?"),
        ("model.latent", "expected key=value"),
    ],
)
def test_parameters_outside_the_space_are_refused_and_nothing_is_enqueued(
    filled: Autoae, word: str, said: str
) -> None:
    answer = filled("trial", "enqueue", "small", word)
    assert answer.code == 2
    assert said in answer.err
    assert json.loads(filled("trial", "list", "small", "--state", "waiting", "--json").out) == []
