"""`autoae ablate`: one knob at a time around a trial of a search, no file to write."""

from collections import Counter
from pathlib import Path
from typing import Any

import optuna
import pytest

from tests.cli.conftest import Autoae

FEW = ("--factors", "training.lr,model.encoder.depth", "--seeds", "3")


def facts(said: Any) -> Any:
    assert said.code == 0, said.err
    return said.json


def test_it_trains_the_variants_and_shows_their_effects(trained: Autoae) -> None:
    ledger = facts(trained("ablate", "tiny", *FEW, "--json"))
    assert ledger["study"] == "tiny-ablation"
    assert ledger["design"] == "paired"
    effects = [each for each in ledger["effects"] if each["metric"] == "val_accuracy"]
    assert {each["knob"] for each in effects} == {"training.lr", "model.encoder.depth"}
    assert {each["count"] for each in effects} == {3}
    shown = facts(trained("study", "show", "tiny-ablation", "--json"))
    assert Counter(trial["state"] for trial in shown["trials"]) == {"COMPLETE": 12}
    assert len({trial["seed"] for trial in shown["trials"]}) == 3


def test_the_baseline_is_the_best_trial_with_new_seeds(trained: Autoae) -> None:
    trained("ablate", "tiny", *FEW, "--json")
    before = facts(trained("study", "show", "tiny", "--json"))
    best = before["trials"][before["best"][0]]
    trial = facts(trained("study", "show", "tiny-ablation", "--json"))["trials"][0]
    assert trial["seed"] == 1 + max(each["seed"] for each in before["trials"])
    expected, found = best["configuration"], trial["configuration"]
    found["training"]["seed"] = expected["training"]["seed"]
    assert found == expected
    assert trial["params"].get("training.lr") == best["params"]["training.lr"]


def test_around_another_trial(trained: Autoae) -> None:
    said = trained("ablate", "tiny", "--around", "3", *FEW, "--no-run", "--name", "three")
    assert said.code == 0
    assert "baseline: trial 3" in said.err
    assert "4 variants x 3 seeds = 12 trials" in said.err
    assert "autoae study run three" in said.err


def test_its_trials_are_optunas(trained: Autoae) -> None:
    trained("ablate", "tiny", "--factors", "training.lr", "--seeds", "2", "--json")
    study = optuna.load_study(study_name="tiny-ablation", storage="sqlite:///storage/autoae.db")
    assert len(study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))) == 6
    assert study.best_trial.params.keys() == {"training.lr", "seed"}


def test_it_reads_as_a_ledger(trained: Autoae) -> None:
    said = trained("ablate", "tiny", *FEW)
    assert said.code == 0
    for words in ("Each change against the baseline", "95 % interval", "verdict", "params"):
        assert words in said.out
    assert "Effects on val_accuracy (more is better)" in said.out


def test_asked_again_it_goes_on_where_it_was(trained: Autoae) -> None:
    first = facts(trained("ablate", "tiny", *FEW, "--json"))
    said = trained("ablate", "tiny", *FEW, "--json")
    assert facts(said) == first
    assert "budget of 12 trials is used up" in said.err


def test_another_ablation_needs_another_name(trained: Autoae) -> None:
    assert trained("ablate", "tiny", *FEW, "--no-run").code == 0
    said = trained("ablate", "tiny", "--seeds", "3", "--no-run")
    assert said.code == 1
    assert "--name" in said.err


def test_a_written_ablation_runs_like_a_study(trained: Autoae) -> None:
    """The same by hand: an inert knob in a study file."""
    Path("mine.yaml").write_text(
        """\
data: {validation: 100, limit: 200, order_seed: {values: [null, 1000]}}
model: {encoder: L(8), latent: 4, batch_norm: {values: [false, true]}}
training: {epochs: 1}
search: {method: ablation, seeds: 3, pairs: true}
"""
    )
    said = trained("study", "create", "mine.yaml", "--run")
    assert said.code == 0, said.err
    assert "never pruned" in said.err
    ledger = facts(trained("study", "effects", "mine", "--json"))
    found = {(each["knob"], each["kind"]) for each in ledger["effects"]}
    assert ("data.order_seed", "level") in found
    assert any(kind == "interaction" for _, kind in found)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nosuch",), 1, "there is no study 'nosuch'"),
        (("tiny", "--factors", "training.rl"), 2, "did you mean 'training.lr'"),
        (("tiny", "--around", "99"), 2, "has no trial 99"),
        (("tiny", "--around", "worst"), 2, "`best` or the number of a trial"),
        (("tiny", "--seeds", "0"), 2, "--seeds"),
        (("listed",), 2, "a list of variants, which has no parameters to vary"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    trained: Autoae, words: tuple[str, ...], code: int, says: str
) -> None:
    said = trained("ablate", *words)
    assert said.code == code
    assert says in said.err
    assert not said.out


def test_a_study_without_trials_has_no_winner(trained: Autoae) -> None:
    trained("study", "create", "digits-hybrid")
    said = trained("ablate", "digits-hybrid")
    assert said.code == 1
    assert "has no complete trial" in said.err
    assert trained("ablate", "digits-hybrid", "--around", "0").code == 2


def test_a_running_study_may_yet_find_a_better_one(trained: Autoae) -> None:
    study = optuna.load_study(study_name="tiny", storage="sqlite:///storage/autoae.db")
    study.ask()
    said = trained("ablate", "tiny")
    assert said.code == 1
    assert "still running" in said.err
    assert trained("ablate", "tiny", "--around", "2", "--no-run").code == 0
    said = trained("ablate", "tiny", "--around", "6", "--no-run")
    assert said.code == 2
    assert "never started" in said.err


def test_too_few_seeds_for_an_effect_are_said(trained: Autoae) -> None:
    said = trained("ablate", "tiny", "--factors", "training.lr", "--seeds", "2")
    assert said.code == 0
    assert "3 at least are needed" in said.err
    assert "too few trials" in said.out


def test_without_validation_images_the_figures_are_said_to_be_of_training(trained: Autoae) -> None:
    Path("blind.yaml").write_text(
        """\
data: {validation: 0, limit: 200}
model: {encoder: L(8), latent: {values: [2, 4]}}
training: {epochs: 1}
objectives: [{metric: train_loss, direction: minimize}]
search: {method: grid}
"""
    )
    assert trained("study", "create", "blind.yaml", "--run").code == 0
    for words in (
        ("ablate", "blind", "--seeds", "3"),
        ("study", "confirm", "blind", "--seeds", "2", "--top", "1"),
        ("study", "effects", "blind"),
    ):
        said = trained(*words)
        assert said.code == 0, said.err
        assert "data.validation is 0" in said.err


def test_a_knob_that_never_varied_is_named(trained: Autoae) -> None:
    Path("still.yaml").write_text(
        """\
data: {validation: 100, limit: 200}
model: {encoder: L(8), latent: {values: [4]}}
training: {epochs: 1}
search: {method: grid}
"""
    )
    assert trained("study", "create", "still.yaml", "--run").code == 0
    said = trained("ablate", "still")
    assert said.code == 2
    assert "searches nothing that could be varied" in said.err
    said = trained("ablate", "still", "--factors", "model.latent")
    assert said.code == 2
    assert "model.latent has a single value" in said.err
