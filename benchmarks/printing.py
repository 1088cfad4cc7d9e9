"""How a benchmark shows a figure as soon as it has it."""

import os
from collections.abc import Iterable
from pathlib import Path

from figures import Figure, append


def tell(found: Iterable[Figure], file: Path | None) -> None:
    """Print figures one by one, with the machine's load before and after, and keep them.

    Args:
        found: Measured while they are printed.
        file: Of `figures.append`.
    """
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    for figure in found:
        print(line(figure), flush=True)
        append([figure], file)
    print(f"load average {os.getloadavg()[0]:.1f}")


def line(figure: Figure) -> str:
    """A figure as a paragraph of two lines, and a third one where it misses its target."""
    beside = [figure.ours, figure.other, figure.ratio and f"ratio {figure.ratio}"]
    if figure.target:
        beside.append(f"target {figure.target}: {'met' if figure.met else 'missed'}")
    words = f"{figure.what}\n    {'; '.join(filter(None, beside))}"
    return f"{words}\n    {figure.why}" if figure.why else words
