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
