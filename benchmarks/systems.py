"""Run the presets of the published systems and write what came out into `docs/systems.md`.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/systems.py [--preset NAME] [--workers 2]

runs the quick profile of every preset, one after the other; what is finished is not run again
(but with `--again`), so a run that was interrupted goes on where it was. `--page` only writes the
page. It fails where no trial of a preset beats the majority class or the mean image, or where the
training loss of one does not fall, of a preset that has to show no more.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from systems_listing import ROOT, read_listing
from systems_measured import digest, keep_measured, measure, quick, read_measured
from systems_page import PAGE, page

from autoae.search.observer import SilentObserver
from autoae.spec.errors import UserError


class Progress(SilentObserver):
    """A line for each trial that ends."""

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """Print it."""
        print(f"  trial {number}: {reason or state.lower()}", *values, flush=True)


def run(preset: str, folder: Path, workers: int, *, again: bool) -> bool:
    """Measure a preset, keep what came out, and say whether it shows what it has to."""
    spec = quick(preset)
    learning = {each for system in read_listing() for each in system.learning}
    # By its digest, for trials of a preset that was changed are no longer its own.
    place = folder / f"{preset}-{digest(spec)}"
    if again:
        shutil.rmtree(place, ignore_errors=True)
    kept = read_measured().get(preset)
    if again or kept is None or kept.digest != digest(spec):
        print(f"{preset}: {spec.budget} trials", flush=True)
        place.mkdir(parents=True, exist_ok=True)
        kept = measure(
            spec, f"sqlite:///{place / 'autoae.db'}", workers, Progress(), learns=preset in learning
        )
        keep_measured(preset, kept)
        write_page()
    for name in kept.unbeaten:
        print(f"{preset}: NOT better than {kept.baseline[name]}: {name} {kept.best[name]}")
    for name in kept.stuck or ():
        print(f"{preset}: the training loss of {name} did NOT fall")
    print(f"{preset}: measured, {kept.seconds:.0f} s, {kept.best}", flush=True)
    return not (kept.unbeaten or kept.stuck)


def write_page() -> None:
    """Write the page from what is known by now."""
    PAGE.write_text(page(read_listing(), read_measured()), encoding="utf-8")


def main() -> int:
    """Run and print."""
    known = [preset for system in read_listing() for preset in system.presets]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--preset", choices=known, help="this one only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "storage" / "systems")
    parser.add_argument("--again", action="store_true", help="what was measured as well")
    parser.add_argument("--page", action="store_true", help="run nothing, write the page")
    given = parser.parse_args()
    write_page()
    if given.page:
        return 0
    presets = [given.preset] if given.preset else known
    try:
        beaten = [run(each, given.folder, given.workers, again=given.again) for each in presets]
        return 0 if all(beaten) else 1
    except (UserError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
