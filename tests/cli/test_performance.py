"""The page of what was measured about speed says what was kept, and nothing else."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import bench  # noqa: E402
from bench import PARTS  # noqa: E402
from bench_kept import BEGIN, END, PAGE, Part, page, read_kept, table  # noqa: E402
from figures import NOTHING_TO_MEASURE_ON, Figure  # noqa: E402


def test_the_page_says_what_was_measured() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, read_kept(), PARTS) == text, "write it: python benchmarks/bench.py --page"


def test_every_part_is_there() -> None:
    assert all((BENCHMARKS / f"{name}.py").is_file() for name in PARTS)


def test_a_part_that_finds_nothing_to_measure_on_leaves_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(command: Sequence[str], *, check: bool) -> CompletedProcess[str]:
        assert not check
        return CompletedProcess(command, NOTHING_TO_MEASURE_ON)

    kept = list[str]()
    monkeypatch.setattr(subprocess, "run", ends)
    monkeypatch.setattr(bench, "keep", lambda name, _: kept.append(name))
    file = tmp_path / "page.md"
    file.write_text(f"{BEGIN}{END}", encoding="utf-8")
    monkeypatch.setattr(bench, "PAGE", file)
    monkeypatch.setattr(sys, "argv", ["bench.py", "--part", "gpu"])
    monkeypatch.setenv("AUTOAE_DATA_DIR", "somewhere")
    assert bench.main() == 0
    assert kept == []
    assert file.read_text("utf-8") == page(f"{BEGIN}{END}", read_kept(), PARTS)


def test_what_was_missed_says_why_and_what_failed_or_was_not_measured_is_not_hidden() -> None:
    missed = Figure("a step", "2 s", "1 s", "0.50", "2", met=False, why="it is all arithmetic")
    kept = {"one": Part((missed,), "a machine", "2026-11-28", 1.0, (0.1, 0.2), failed=True)}
    found = table(kept, ("one", "two"))
    assert "| a step | 2 s | 1 s | 0.50 | 2 | **missed** |" in found
    assert "- a step: it is all arithmetic." in found
    assert "| `one` | **failed** |" in found
    assert "| `two` | not measured |" in found
