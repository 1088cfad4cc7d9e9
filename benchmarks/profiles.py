"""Where the time goes, for a figure that misses its target."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable
from pathlib import Path


def shares(run: Callable[[], object], most: int = 5) -> str:
    """The packages in whose own code the most time is spent, as a profile shows it.

    Args:
        run: What to profile, in this thread.
        most: How many packages are named.
    """
    profile = cProfile.Profile()
    profile.runcall(run)
    spent = Counter[str]()
    for (file, _, name), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if "select.poll" not in name and "time.sleep" not in name:
            spent[_package(file)] += own
    total = sum(spent.values())
    parts = (f"{name} {100 * own / total:.0f} %" for name, own in spent.most_common(most))
    return f"profile: {', '.join(parts)}"


def _package(file: str) -> str:
    """The part below `site-packages`, our own rooms, or Python itself."""
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if "autoae" in parts:
        return ".".join(parts[parts.index("autoae") : -1])
    return "Python's own"
