"""The page of what was measured about speed says what was kept, and nothing else."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from bench import PARTS  # noqa: E402
from bench_kept import PAGE, Part, page, read_kept, table  # noqa: E402
from figures import Figure  # noqa: E402


def test_the_page_says_what_was_measured() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, read_kept(), PARTS) == text, "write it: python benchmarks/bench.py --page"


def test_every_part_is_there() -> None:
    assert all((BENCHMARKS / f"{name}.py").is_file() for name in PARTS)


def test_what_was_missed_says_why_and_what_failed_or_was_not_measured_is_not_hidden() -> None:
    missed = Figure("a step", "2 s", "1 s", "0.50", "2", met=False, why="it is all arithmetic")
    kept = {"one": Part((missed,), "a machine", "2026-11-28", 1.0, (0.1, 0.2), failed=True)}
    found = table(kept, ("one", "two"))
    assert "| a step | 2 s | 1 s | 0.50 | 2 | **missed** |" in found
    assert "- a step: it is all arithmetic." in found
    assert "| `one` | **failed** |" in found
    assert "| `two` | not measured |" in found
