"""The page of the published systems is true: commands, presets, variants, figures, and itself."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.core import TyperGroup
from typer.main import get_command

from autoae.cli.chosen import Choice, from_file
from autoae.cli.main import app
from autoae.spec.presets import preset_names
from autoae.spec.reading import read_study

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from systems_listing import Line, Published, System, read_listing  # noqa: E402
from systems_measured import Measured, falls, keep_measured, read_measured  # noqa: E402
from systems_page import PAGE, page  # noqa: E402

LINES = [line for system in read_listing() for line in system.lines]
COMMANDS = list(dict.fromkeys(command for line in LINES for command in line.commands))
PRESETS = [line for line in LINES if line.preset]


def parsed(command: str) -> tuple[str, Mapping[str, Any]]:
    """The path of a command and what it is given; nothing is run."""
    name, *words = shlex.split(command)
    assert name == "autoae"
    group, path = get_command(app), list[str]()
    while isinstance(group, TyperGroup):
        context = group.make_context(" ".join(["autoae", *path]), list(words))
        word, found, words = group.resolve_command(context, words)
        assert found is not None
        group = found
        path.append(str(word))
    return " ".join(path), group.make_context(" ".join(path), list(words)).params


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_typed(command: str) -> None:
    path, given = parsed(command)
    if path == "trial pictures":
        assert {trial.partition(":")[0] for trial in given["trials"]} <= set(preset_names())
        return
    source = next(given[name] for name in ("source", "study", "name") if name in given)
    assert source in preset_names()
    if path.startswith("model "):
        choice = Choice(given["given"] or (), given["profile"], given["middle"], given["variant"])
        from_file(source, choice)


@pytest.mark.parametrize("line", PRESETS, ids=lambda line: line.preset)
def test_a_line_says_truly_whether_its_preset_is_there(line: Line) -> None:
    assert (line.preset in preset_names()) == (line.state != "not yet")


def published() -> Iterator[Any]:
    for line in PRESETS:
        if line.state != "not yet":
            for each in line.published:
                name = f"{line.preset}, {each.variant}, {each.metric}, {each.value:g}"
                yield pytest.param(line.preset, each, id=name)


@pytest.mark.parametrize(("preset", "figure"), published())
def test_every_published_figure_is_a_claim_of_its_preset(preset: str, figure: Published) -> None:
    settings = read_study(preset).settings
    assert figure.variant in settings.variants or not settings.variants
    assert figure.value in {
        claim.value
        for claim in settings.claims
        if (claim.variant, claim.metric) == (figure.variant, figure.metric)
    }


@pytest.mark.parametrize("preset", [p for system in read_listing() for p in system.presets])
def test_a_quick_profile_runs_every_variant_of_the_full_one(preset: str) -> None:
    quick, full = read_study(preset, profile="quick"), read_study(preset)
    assert quick.settings.variants == full.settings.variants
    assert quick.settings.search.method == full.settings.search.method
    assert set(quick.domains()) == set(full.domains())


def test_the_page_is_what_the_listing_makes() -> None:
    made = page(read_listing(), read_measured())
    assert PAGE.read_text(encoding="utf-8") == made, "write it: python benchmarks/systems.py --page"


def test_what_was_measured_is_of_presets_that_are_listed() -> None:
    assert set(read_measured()) <= {p for system in read_listing() for p in system.presets}


def test_every_figure_that_was_measured_beats_its_baseline() -> None:
    assert {name: found.unbeaten for name, found in read_measured().items() if found.unbeaten} == {}


def test_every_network_that_was_measured_learns_where_that_was_asked() -> None:
    known, learning = read_measured(), {p for system in read_listing() for p in system.learning}
    assert {name: known[name].stuck for name in learning & known.keys()} == dict.fromkeys(
        learning & known.keys(), ()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "works"},
        {"state": "partly", "command": "autoae doctor"},
        {"state": "works", "command": "autoae doctor", "missing": "something"},
        {"state": "not yet", "command": "autoae doctor"},
        {"state": "done", "command": "autoae doctor"},
        {"state": "works", "command": "autoae doctor", "presset": "mnist-cae"},
    ],
)
def test_a_line_that_contradicts_itself_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Line.model_validate({"what": "a line", "kind": "output", **wrong})


def measured(**changed: object) -> Measured:
    known: dict[str, Any] = {
        "day": "2026-11-27",
        "cores": 2,
        "digest": "0",
        "images": 4000,
        "epochs": 12,
        "seconds": 60.0,
        "best": {"val_mse": 0.02},
        "baseline": {"val_mse": 0.09},
        "trials": {"greedy": {"val_mse": 0.02, "train_reconstruction": 0.01}},
    }
    return Measured.model_validate({**known, **changed})


def shown(found: Measured) -> str:
    """The page of one preset."""
    line = Line(what="a line", kind="experiment", state="works", preset="fashion-greedy-mlp")
    system = System(title="A", source="somewhere", lines=(line,))
    return page([system], {"fashion-greedy-mlp": found})


def test_the_page_shows_what_was_measured_beside_what_was_published() -> None:
    text = shown(measured())
    row = (
        "| greedy | train_reconstruction 0.01580 | val_mse 0.02000, train_reconstruction 0.01000 |"
    )
    assert row in text
    assert "4,000 images, 12 epochs" in text
    assert "not comparable" in text
    assert "The best val_mse, 0.02000, beats the mean image, 0.09000." in text


def test_the_page_says_where_the_preset_was_changed_since() -> None:
    assert "changed since" in shown(measured(digest="another"))


@pytest.mark.parametrize(
    ("figures", "unbeaten"),
    [
        ({"val_mse": 0.08}, ()),
        ({"val_mse": 0.09}, ("val_mse",)),
        ({}, ("val_mse",)),
    ],
)
def test_a_baseline_has_to_be_beaten(figures: dict[str, float], unbeaten: tuple[str, ...]) -> None:
    found = measured(best=figures)
    assert found.unbeaten == unbeaten


def test_what_only_has_to_learn_is_held_to_its_training_losses() -> None:
    learns: dict[str, Any] = {"best": {}, "baseline": {}}
    assert "the training loss of every network falls" in shown(measured(**learns, stuck=()))
    assert "of all networks but greedy falls" in shown(measured(**learns, stuck=("greedy",)))
    assert "training loss" not in shown(measured())


@pytest.mark.parametrize(
    ("losses", "stages", "told"),
    [
        ((2.0, 1.9, 1.0, 0.9), True, False),
        ((1.0, 0.9, 2.0, 1.9), True, False),
        ((1.0, 1.0, 2.0, 1.9), True, True),
        ((1.0, 0.9, 2.0, 2.1), True, True),
        ((1.0, 0.9, 2.0, 0.9), False, False),
        ((1.0, 0.9, 0.8, 1.1), False, True),
        ((None, None), False, True),
    ],
)
def test_a_loss_has_to_fall_in_every_stage(
    losses: tuple[float | None, ...], stages: bool, told: bool
) -> None:
    first = len(losses) // 2 if stages else 0
    assert falls(losses, first) == (not told)


def test_more_is_better_where_it_is_an_accuracy() -> None:
    accuracy = {"baseline": {"val_accuracy": 0.1}}
    assert measured(**accuracy, best={"val_accuracy": 0.2}).unbeaten == ()
    assert measured(**accuracy, best={"val_accuracy": 0.1}).unbeaten == ("val_accuracy",)


def test_what_is_measured_is_kept_beside_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    keep_measured("one", measured(), path)
    keep_measured("other", measured(cores=4), path)
    keep_measured("one", measured(cores=8), path)
    assert {name: each.cores for name, each in read_measured(path).items()} == {
        "one": 8,
        "other": 4,
    }
