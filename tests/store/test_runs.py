"""Run folders: whole files or none."""

from math import inf, nan
from pathlib import Path

import pytest

from autoae.store.runs import RunFolder, delete_runs, run_root, trial_folder


def test_the_root_lies_beside_an_sqlite_file() -> None:
    assert run_root("sqlite:///deep/x.db") == Path("deep/runs")
    assert run_root("sqlite:////abs/x.db") == Path("/abs/runs")
    assert run_root("postgresql://host/name") == Path("storage/runs")


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path / "0")
    folder.write_bytes(folder.error, b"first")
    monkeypatch.setattr(Path, "replace", _fail)
    with pytest.raises(OSError, match="no space"):
        folder.write_bytes(folder.error, b"second")
    assert folder.error.read_text() == "first"
    assert [path.name for path in folder.path.iterdir()] == ["error.txt"]


def _fail(path: Path, target: Path) -> None:
    raise OSError(28, "no space left on device")


def test_metrics_come_back_in_order_and_a_torn_line_does_not(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.read_metrics() == []
    folder.append_metrics(1, {"val_loss": 0.5, "val_psnr": inf})
    folder.append_metrics(2, {"val_loss": nan, "val_psnr": 3.0})
    with folder.metrics.open("a") as file:
        file.write('{"epoch": 3, "val')
    assert folder.read_metrics() == [
        {"epoch": 1, "val_loss": 0.5, "val_psnr": None},
        {"epoch": 2, "val_loss": None, "val_psnr": 3.0},
    ]


def test_each_trial_has_a_folder_of_its_own(tmp_path: Path) -> None:
    assert trial_folder(tmp_path, "small", 12).path == tmp_path / "small" / "12"
    delete_runs(tmp_path, "never-there")
