"""`study prune-files` deletes what is large of all but the best trials, and nothing else."""

from pathlib import Path

import pytest

from autoae.store.runs import RunFolder, trial_folder
from tests.cli.conftest import Autoae

LARGE = {"checkpoint.pt", "best.safetensors", "arrays.npz"}
SMALL = {"configuration.json", "metrics.jsonl", "best.json"}


@pytest.fixture
def root(filled: Autoae, tmp_path: Path) -> Path:
    """The run folders of twelve trials, of which 9 and 8 are the best and 11 has failed."""
    root = tmp_path / "storage" / "runs"
    for number in range(12):
        folder = trial_folder(root, "small", number)
        for name in LARGE | SMALL:
            folder.write_bytes(folder.path / name, bytes(100_000))
    return root


def names(root: Path, number: int) -> set[str]:
    """The files of a trial."""
    folder: RunFolder = trial_folder(root, "small", number)
    return {path.name for path in folder.path.iterdir()}


def test_all_but_the_best_lose_what_is_large(filled: Autoae, root: Path) -> None:
    said = filled("study", "prune-files", "small", "--keep", "best:2", "--yes")
    assert said.code == 0
    assert "deleted 30 files of 10 trials, 3.0 MB; the best trials keep theirs: 9, 8" in said.err
    assert names(root, 9) == names(root, 8) == LARGE | SMALL
    assert {frozenset(names(root, number)) for number in (0, 7, 10, 11)} == {frozenset(SMALL)}
    again = filled("study", "prune-files", "small", "--keep", "best:2")
    assert "0 files of 0 trials" in again.err


def test_a_dry_run_deletes_nothing(filled: Autoae, root: Path) -> None:
    said = filled("study", "prune-files", "small", "--keep", "best:10", "--dry-run")
    assert "to be deleted" in said.err
    assert "6 files of 2 trials, 0.6 MB" in said.err
    assert names(root, 10) == names(root, 11) == LARGE | SMALL


def test_what_a_waiting_trial_goes_on_from_stays(filled: Autoae, root: Path) -> None:
    assert filled("trial", "retry", "small", "11").code == 0
    assert filled("study", "prune-files", "small", "--keep", "best:1", "--yes").code == 0
    assert names(root, 11) == LARGE | SMALL
    assert names(root, 10) == SMALL


def test_what_to_keep_must_be_said(filled: Autoae, root: Path) -> None:
    for keep in ("10", "best:0", "worst:3"):
        said = filled("study", "prune-files", "small", "--keep", keep, "--yes")
        assert said.code == 2
        assert "write best:10" in " ".join(said.err.split())
    assert names(root, 0) == LARGE | SMALL
