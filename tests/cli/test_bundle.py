"""`study bundle` and `study verify`, on a study that was really trained."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autoae.cli.main import app
from autoae.store.bundle import manifest_of, read_bundle, write_bundle
from tests.cli.conftest import Autoae
from tests.search.support import create, run, tiny

SEARCH = "search: {method: random, trials: 8, pruner: successive-halving, seed: 3}\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a storage whose study `tiny` has complete and pruned trials."""
    folder = tmp_path_factory.mktemp("trained")
    url = f"sqlite:///{folder}/storage/autoae.db"
    create(url, tiny(SEARCH))
    run(url)
    return folder


@pytest.fixture(scope="module")
def made(trained: Path) -> Path:
    """Its bundle, by the command."""
    path = trained / "tiny.zip"
    storage = f"sqlite:///{trained}/storage/autoae.db"
    words = ["study", "bundle", "tiny", "--output", str(path), "--storage", storage]
    done = CliRunner().invoke(app, words)
    assert done.stdout == f"{path}\n"
    return path


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copy(made, tmp_path / "tiny.zip"))


def change(path: Path, name: str, before: str, after: str) -> None:
    """Write a bundle anew with another word in a file, checksums and all."""
    found = read_bundle(path)
    text = found.files[name].decode()
    assert before in text
    files = {**found.files, name: text.replace(before, after).encode()}
    write_bundle(path, manifest_of("tiny", found.manifest.best, files), files)


def test_it_holds_text_alone(made: Path) -> None:
    names = set(read_bundle(made).files)
    best = read_bundle(made).manifest.best
    inside = ("trial.json", "configuration.json", "environment.json", "metrics.jsonl")
    assert {f"trials/{best}/{name}" for name in inside} <= names
    assert {Path(name).suffix for name in names} == {".json", ".jsonl", ".yaml", ".html"}


@pytest.mark.slow
def test_the_best_trial_comes_out_in_an_empty_folder(made: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    words = [sys.executable, "-m", "autoae", "study", "verify", str(made)]
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_STORAGE")}
    done = subprocess.run(words, cwd=empty, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "comes out: 2 epochs, every figure the same to the last digit" in done.stdout
    assert list(empty.iterdir()) == []


def test_figures_that_do_not_come_out_are_told(autoae: Autoae, bundle: Path) -> None:
    best = read_bundle(bundle).manifest.best
    change(bundle, f"trials/{best}/metrics.jsonl", '"val_accuracy": 0.', '"val_accuracy": 1.')
    said = autoae("study", "verify", str(bundle))
    assert said.code == 1
    assert f"trial {best} of tiny does NOT come out" in said.out
    assert "the first difference: epoch 1: val_accuracy was 1." in said.out


def test_other_versions_have_a_tolerance(autoae: Autoae, bundle: Path) -> None:
    found = read_bundle(bundle)
    number = next(n for n in found.trials if n != found.manifest.best and _complete(bundle, n))
    change(bundle, f"trials/{number}/environment.json", '"torch": "', '"torch": "0')
    change(bundle, f"trials/{number}/metrics.jsonl", '"train_loss": ', '"train_loss": 1')
    said = autoae("study", "verify", str(bundle), "--trial", str(number), "--json")
    assert said.code == 0
    shown = json.loads(said.out)
    assert (shown["trial"], shown["holds"], shown["repetition"]["exact"]) == (number, True, False)
    (difference,) = shown["repetition"]["differences"]
    assert difference.startswith("torch 0")


def _complete(path: Path, number: int) -> bool:
    return read_bundle(path).trial(number).outcome.state == "COMPLETE"


def test_a_trial_without_figures_of_its_own_is_refused(autoae: Autoae, bundle: Path) -> None:
    found = read_bundle(bundle)
    pruned = next(number for number in found.trials if not _complete(bundle, number))
    said = autoae("study", "verify", str(bundle), "--trial", str(pruned))
    assert said.code == 1
    assert f"trial {pruned} of {bundle} was pruned after epoch 1, so" in said.err
    assert autoae("study", "verify", str(bundle), "--trial", "99").code == 2


def test_images_that_are_not_here_are_named(
    autoae: Autoae, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOAE_DATA_DIR", raising=False)
    best = read_bundle(bundle).manifest.best
    name = f"trials/{best}/configuration.json"
    change(bundle, name, '"dataset": "digits"', '"dataset": "folder"')
    change(bundle, name, '"path": null', '"path": "my-images"')
    said = autoae("study", "verify", str(bundle))
    assert said.code == 1
    assert "my-images" in said.err


def test_a_study_without_trials_is_refused(autoae: Autoae, study_file: Path) -> None:
    assert autoae("study", "create", str(study_file)).code == 0
    said = autoae("study", "bundle", "small")
    assert said.code == 1
    assert "has no finished trial yet" in said.err
    assert not Path("small.zip").exists()
