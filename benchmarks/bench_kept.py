"""The figures of `make bench` as they are kept, and the table of `docs/performance.md`."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from figures import Figure

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
KEPT = ROOT / "docs" / "performance.json"
BEGIN = "<!-- measured: written by `make bench` -->"
END = "<!-- end of what is measured -->"
_HEAD = ("what", "ours", "the other way", "ratio", "target", "met")


@dataclass(frozen=True)
class Part:
    """What one part of the benchmarks gave.

    Attributes:
        figures: In the order in which they were measured.
        machine: Where.
        day: When.
        seconds: How long it took.
        load: Load average of the machine before and after it.
        failed: Whether it ended with an error; its figures are then not all of them.
    """

    figures: tuple[Figure, ...]
    machine: str
    day: str
    seconds: float
    load: tuple[float, float]
    failed: bool

    @classmethod
    def of(
        cls,
        lines: Sequence[str],
        machine: str,
        *,
        seconds: float,
        load: tuple[float, float],
        failed: bool,
    ) -> Self:
        """From the lines that a part wrote."""
        figures = tuple(Figure(**json.loads(line)) for line in lines)
        day = datetime.now(UTC).date().isoformat()
        rounded = round(load[0], 1), round(load[1], 1)
        return cls(figures, machine, day, round(seconds, 1), rounded, failed)


def machine() -> str:
    """This machine in words."""
    import torch

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return ", ".join(
        [
            _processor(),
            f"{os.cpu_count()} cores",
            f"{memory:.0f} GiB",
            *gpus,
            f"Python {platform.python_version()}",
            f"torch {torch.__version__}",
        ]
    )


def _processor() -> str:
    """Its name, where Linux tells it."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def read_kept() -> dict[str, Part]:
    """What was measured, by part."""
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return {name: _part(**tree) for name, tree in kept.items()}


def _part(figures: list[dict[str, str]], load: list[float], **rest: str) -> Part:
    found = tuple(Figure(**each) for each in figures)  # type: ignore[arg-type]
    return Part(found, load=(load[0], load[1]), **rest)  # type: ignore[arg-type]


def keep(name: str, part: Part) -> None:
    """Put a part in the place of what was known of it."""
    kept = {**read_kept(), name: part}
    trees = {each: asdict(kept[each]) for each in sorted(kept)}
    KEPT.write_text(json.dumps(trees, indent=2) + "\n", encoding="utf-8")


def page(text: str, kept: Mapping[str, Part], names: Sequence[str]) -> str:
    """A page with the table between its two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{table(kept, names)}\n{END}{after}"


def table(kept: Mapping[str, Part], names: Sequence[str]) -> str:
    """Every figure in a row, why targets were missed, and where and when it was measured."""
    lines = [f"| {' | '.join(_HEAD)} |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    for name in names:
        lines += _rows(name, kept.get(name))
    missed = list(_missed(kept, names))
    if missed:
        lines += ["", "Missed, and what the time goes into instead:", "", *missed]
    return "\n".join([*lines, "", *_origins(kept, names)]) + "\n"


def _rows(name: str, part: Part | None) -> Iterator[str]:
    if part is None or part.failed:
        state = "not measured" if part is None else "**failed**"
        yield f"| `{name}` | {state} | | | | |"
    for each in part.figures if part else ():
        met = {True: "met", False: "**missed**", None: ""}[each.met]
        cells = (each.what, each.ours, each.other, each.ratio, each.target, met)
        yield f"| {' | '.join(cells)} |"


def _missed(kept: Mapping[str, Part], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        for each in kept[name].figures if name in kept else ():
            if each.met is False:
                yield f"- {each.what}: {each.why}."


def _origins(kept: Mapping[str, Part], names: Sequence[str]) -> Iterator[str]:
    parts = {name: kept[name] for name in names if name in kept}
    for machine_and_day in dict.fromkeys((part.machine, part.day) for part in parts.values()):
        told = [
            f"`{name}` {part.seconds:.0f} s (load {part.load[0]} to {part.load[1]})"
            for name, part in parts.items()
            if (part.machine, part.day) == machine_and_day
        ]
        yield f"{machine_and_day[0]}; {machine_and_day[1]}: {', '.join(told)}."
