import json
from pathlib import Path

import pytest

from autoae.spec.presets import preset_names, preset_text
from tests.cli.conftest import Autoae


def test_presets_are_listed_with_their_questions(autoae: Autoae) -> None:
    found = json.loads(autoae("study", "presets", "--json").out)
    assert [row["preset"] for row in found] == preset_names()
    assert all(row["question"] and row["trials"] for row in found)


@pytest.mark.parametrize("preset", preset_names())
def test_a_preset_is_printed_to_edit_and_is_valid_as_a_file(
    autoae: Autoae, tmp_path: Path, preset: str
) -> None:
    said = autoae("study", "init", preset)
    assert said.out == preset_text(preset)
    file = tmp_path / "mine.yaml"
    file.write_text(said.out)
    assert autoae("study", "validate", str(file)).code == 0


def test_the_schema_is_json(autoae: Autoae) -> None:
    assert autoae("study", "schema").json["type"] == "object"


def test_validate_tells_what_share_cannot_be_built_and_why(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae(
        "study", "validate", str(study_file), "--set", "model.encoder.depth={min: 2, max: 6}"
    )
    assert said.code == 0
    assert "cannot be built" in said.out
    assert "below one pixel" in said.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("training.lrr=1", "did you mean 'lr'"),
        ("training.lr=-1", "greater than 0"),
        ("training.lr={min: 0.1, max: 0.01}", "min 0.1 is above max 0.01"),
        ("training.lr={min: 0, max: 1, log: true}", "must start above 0"),
        ("model.activation=rely", "did you mean 'relu'"),
        ("model.encoder.kind=con", "unknown encoder 'con'"),
        ("data.dataset=digit", "did you mean 'digits'"),
        ("model.head=C(8) > L'(10)", "latent: spatial"),
        ("loss.beta={min: 0, max: 1}", ""),
        ("nonsense", "expected key=value"),
    ],
)
def test_a_wrong_value_ends_with_two_and_says_what_was_expected(
    autoae: Autoae, study_file: Path, override: str, words: str
) -> None:
    said = autoae("study", "validate", str(study_file), "--set", override)
    if not words:
        assert said.code == 0
        return
    assert said.code == 2
    assert words in said.err
    assert said.out == ""


def test_a_file_that_is_missing_or_no_yaml_ends_with_two(autoae: Autoae, tmp_path: Path) -> None:
    assert autoae("study", "validate", "nowhere.yaml").code == 2
    (tmp_path / "broken.yaml").write_text("model: [")
    said = autoae("study", "validate", "broken.yaml")
    assert said.code == 2
    assert "broken.yaml" in said.err


def test_without_images_the_file_is_checked_and_that_is_said(
    autoae: Autoae, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AUTOAE_DATA_DIR", raising=False)
    monkeypatch.setenv("AUTOAE_CACHE_DIR", str(tmp_path / "cache"))
    said = autoae("study", "validate", "mnist-cae", "--json")
    assert said.code == 0
    assert said.json["buildable"] is None
    assert "for want of images" in said.err


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("data: {dataset: minst}", "data.dataset"),
        ("data: {dataset: digits, validation: 5000}", "data.validation"),
        ("data: {dataset: digits, path: images}", "data.path"),
        ("data: {dataset: folder}", "data.path"),
    ],
)
def test_a_mistake_that_only_the_images_show_is_told_with_its_line(
    autoae: Autoae, study_file: Path, line: str, key: str
) -> None:
    study_file.write_text(study_file.read_text().replace("data: {dataset: digits}", line))
    said = autoae("study", "validate", str(study_file))
    assert said.code == 2
    assert f"small.yaml:3: {key}: " in said.err


def test_such_a_mistake_in_an_option_is_told_with_the_option(
    autoae: Autoae, study_file: Path
) -> None:
    option = "data.validation=5000"
    said = autoae("study", "create", str(study_file), "--set", option)
    assert (said.code, f"--set {option}: data.validation: " in said.err) == (2, True)
    networks = [("model", word, str(study_file), "--middle") for word in ("train", "summary")]
    for words in (*networks, ("data", "show", "digits")):
        said = autoae(*words, "--set", option)
        assert (said.code, f"--set {option}: data.validation: " in said.err) == (2, True), words


def test_a_mistake_in_a_profile_is_found_before_it_is_applied(
    autoae: Autoae, study_file: Path
) -> None:
    study_file.write_text(study_file.read_text() + "profiles: {quick: {training.epoch: 2}}\n")
    said = autoae("study", "validate", str(study_file))
    assert said.code == 2
    assert "small.yaml:10: training.epoch: unknown key; did you mean 'epochs'?" in said.err


def test_a_grid_with_a_continuous_range_is_refused_before_there_is_a_study(
    autoae: Autoae, study_file: Path
) -> None:
    said = autoae("study", "create", str(study_file), "--set", "search.method=grid")
    assert said.code == 2
    assert "small.yaml:8: training.lr: a grid cannot run through a continuous range" in said.err
    assert not Path("storage").exists()


def test_an_empty_name_is_refused(autoae: Autoae, study_file: Path) -> None:
    said = autoae("study", "create", str(study_file), "--name", "")
    assert (said.code, said.out) == (2, "")
    assert "no name of a study" in said.err
