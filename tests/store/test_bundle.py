"""A bundle gives back what went into it, and nothing that was changed gets in."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from autoae.spec.errors import SpecError
from autoae.store import members
from autoae.store.bundle import (
    MANIFEST,
    STUDY,
    Bundle,
    Manifest,
    manifest_of,
    read_bundle,
    trial_files,
    write_bundle,
)
from autoae.store.errors import BundleError
from autoae.store.runs import RunFolder
from tests.snapshots import trial
from tests.store.conftest import small

Files = dict[str, bytes]
TRAINED = replace(trial(3, 0.5), configuration={"training": {"lr": 0.25}}, metrics={"val_mse": 0.5})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A bundle of a study with one trial."""
    folder = RunFolder(tmp_path / "run")
    folder.write_environment({"threads": 2})
    folder.append_metrics(1, {"val_mse": 0.1 + 0.2})
    files = {STUDY: small().to_text().encode(), **dict(trial_files(TRAINED, folder))}
    path = tmp_path / "deep" / "small.zip"
    write_bundle(path, manifest_of("small", 3, files), files)
    return path


def test_all_comes_back(path: Path) -> None:
    found = read_bundle(path)
    assert (found.manifest.study, found.manifest.best, found.trials) == ("small", 3, (3,))
    assert found.spec().to_text() == small().to_text()
    kept = found.trial(3)
    assert (kept.outcome.values, kept.outcome.network) == ([0.5], TRAINED.network)
    assert kept.outcome.metrics == {"val_mse": 0.5}
    assert kept.configuration == TRAINED.configuration
    assert kept.environment == {"threads": 2}
    # To the last digit.
    assert kept.epochs == ({"epoch": 1, "val_mse": 0.1 + 0.2},)


def test_the_same_study_gives_the_same_archive(path: Path) -> None:
    found, before = read_bundle(path), path.read_bytes()
    write_bundle(path, found.manifest, found.files)
    assert path.read_bytes() == before


def test_a_trial_whose_run_folder_is_gone_has_its_outcome(tmp_path: Path) -> None:
    files = dict(trial_files(TRAINED, RunFolder(tmp_path / "gone")))
    kept = Bundle("b.zip", manifest_of("small", 3, files), files).trial(3)
    assert (kept.environment, kept.epochs, kept.outcome.number) == ({}, (), 3)


def test_a_value_that_is_infinite_comes_back(tmp_path: Path) -> None:
    files = dict(trial_files(replace(TRAINED, values=(float("inf"),)), RunFolder(tmp_path)))
    kept = Bundle("b.zip", manifest_of("small", 3, files), files).trial(3)
    assert kept.outcome.values == [float("inf")]


def test_a_trial_that_is_not_in_it_is_refused(path: Path) -> None:
    with pytest.raises(SpecError, match="holds no trial 4; it holds 1, the last of them 3"):
        read_bundle(path).trial(4)


def rewritten(path: Path, change: Callable[[Files], None]) -> None:
    """Change the files of a bundle as somebody else's program would."""
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _of_format(number: int) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[MANIFEST] = json.dumps({"format": number, "autoae": "7.8", "new": 1}).encode()

    return change


CHANGES: list[tuple[Callable[[Files], object], str]] = [
    (lambda files: files.update({"trials/3/metrics.jsonl": b"{}\n"}), "its checksum differs"),
    (lambda files: files.pop(STUDY), r"study\.yaml is missing"),
    (lambda files: files.update({"run.py": b"1"}), r"run\.py does not belong to it"),
    (lambda files: files.update({"../evil": b"1"}), "leaves the directory"),
    (lambda files: files.update({"/evil": b"1"}), "leaves the directory"),
    (lambda files: files.update({"C:\\evil": b"1"}), "leaves the directory"),
    (lambda files: files.update({"zeros": bytes(200_000)}), "the most is 100,000"),
    (lambda files: files.pop(MANIFEST), r"no bundle of a study: it has no bundle\.json"),
    (lambda files: files.update({MANIFEST: b"[1]"}), "expected a mapping"),
    (lambda files: files.update({MANIFEST: b"\xff"}), "cannot be read"),
    (_of_format(1), "study: Field required"),
    (_of_format(2), "bundle of format 2, and autoae .* reads format 1"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_what_is_not_as_it_was_made_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Files], None], said: str
) -> None:
    monkeypatch.setattr(members, "MOST_UNPACKED", 100_000)
    rewritten(path, change)
    with pytest.raises(BundleError, match=said):
        read_bundle(path)


def test_a_newer_format_names_the_version_that_reads_it(path: Path) -> None:
    rewritten(path, _of_format(2))
    with pytest.raises(BundleError) as refused:
        read_bundle(path)
    assert "autoae 7.8" in refused.value.hint


def test_damage_is_told(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BundleError, match="no bundle of a study, or a damaged one"):
        read_bundle(path)
    with pytest.raises(BundleError, match="there is no file"):
        read_bundle(tmp_path / "nowhere.zip")


def test_a_trial_without_its_figures_is_told() -> None:
    files = {"trials/3/trial.json": b'{"number": 3}'}
    manifest = Manifest(format=1, autoae="1", study="small", best=3, files={})
    with pytest.raises(BundleError, match="trials/3: state: Field required"):
        Bundle("b.zip", manifest, files).trial(3)
