"""What a benchmark found: the lines of the one table that `make bench` prints."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

NOTHING_TO_MEASURE_ON = 77
"""The exit status of a part where the machine lacks what it measures; what was known stays."""


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its target.

    Attributes:
        what: What was measured, in a few words.
        ours: What autoae took or reached, with its unit.
        other: The same of the other way; empty where there is none.
        ratio: Ours to the other's, the median over interleaved rounds, with its range; or empty.
        target: What was asked for; empty where nothing was.
        met: Whether the target was reached; None without a target.
        why: Where it was missed, what the time goes into instead, as a profile shows it.
    """

    what: str
    ours: str
    other: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None
    why: str = ""


def append(figures: Iterable[Figure], file: Path | None) -> None:
    """Add figures to a file of JSON lines, which `make bench` collects."""
    if file is not None:
        with file.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(figure)) + "\n" for figure in figures)


def read(file: Path) -> list[Figure]:
    """Figures of a file that `append` wrote."""
    return [Figure(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def add_argument(parser: argparse.ArgumentParser) -> None:
    """The option that every part of `make bench` has."""
    parser.add_argument("--figures", type=Path, help="add the figures to this file of JSON lines")
