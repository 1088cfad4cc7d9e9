"""Everything that is measured about speed, in one table: what `make bench` runs.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/bench.py [--part NAME]

runs every part in a process of its own, one after the other, keeps their figures with the machine
and its load in `docs/performance.json`, and writes the table of `docs/performance.md`. `--part`
measures one part and keeps the others; `--page` only writes the page. A part for which the machine
lacks something, such as a GPU, says so, and what is known of it stays.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench_kept import PAGE, Part, keep, machine, page, read_kept, table
from figures import NOTHING_TO_MEASURE_ON

HERE = Path(__file__).parent
PARTS = (
    "data_path",
    "parity",
    "trials_hour",
    "time_to_quality",
    "search_layer",
    "start_up",
    "growth",
    "monitor",
    "gpu",
)


def measure(name: str) -> Part | None:
    """Run a part, let it print, and collect its figures; None where it cannot be measured here."""
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.jsonl"
        file.touch()
        before, start = os.getloadavg()[0], perf_counter()
        command = [sys.executable, str(HERE / f"{name}.py"), "--figures", str(file)]
        code = subprocess.run(command, check=False).returncode
        took, after = perf_counter() - start, os.getloadavg()[0]
        lines = file.read_text("utf-8").splitlines()
    if code == NOTHING_TO_MEASURE_ON:
        return None
    return Part.of(lines, machine(), seconds=took, load=(before, after), failed=code != 0)


def main() -> int:
    """Measure, keep, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; repeatable")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page")
    given = parser.parse_args()
    names = [] if given.page else given.part or PARTS
    if names and "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of MNIST and CIFAR-10 with AUTOAE_DATA_DIR")
    failed = False
    for name in names:
        if (part := measure(name)) is not None:
            keep(name, part)
            failed = failed or part.failed
    kept = read_kept()
    PAGE.write_text(page(PAGE.read_text("utf-8"), kept, PARTS), encoding="utf-8")
    print("\n" + table(kept, PARTS))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
