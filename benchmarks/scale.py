"""How far several coordinators and a thousand workers go.

    python benchmarks/scale.py
    python benchmarks/scale.py --trials 100 1000 --workers 1000 --budget 2000 --page

Needs the programs of a PostgreSQL server and psycopg. First it asks for trials of studies that have
many already, on a server of its own; then it simulates workers that replay learning curves, see
`scale_simulation`. Both are wall clock: the machine must have nothing else to do. `--page` writes
what came out into docs/scale.md.
"""

import argparse
import os
import platform
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import scale_asking as asking
import scale_simulation as simulation
from front_table import read_table

from tests.store.postgres import running_server

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
BEGIN, END = "<!-- measured by benchmarks/scale.py -->\n", "<!-- to here -->\n"


def main() -> None:
    """Measure, simulate and print."""
    given = _given()
    warnings.simplefilter("ignore")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}\n")
    asked = [asking.measured(each, 2, given.asks) for each in given.trials]
    asked += [asking.measured(max(given.trials), given.workers, given.asks)]
    first = "\n".join(asking.lines(asked)) + "\n"
    print(first, flush=True)
    played = [_played(simulation.Play(coordinators, given.workers, given.budget, epoch, "tpe"),
                      given.storage)
              for coordinators in given.coordinators for epoch in given.epochs]  # fmt: skip
    second = "\n".join(simulation.lines(played)) + "\n"
    print(second)
    if given.page:
        _write(f"Asking, on PostgreSQL ({machine}):\n\n{first}\nSimulated:\n\n{second}")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--asks", type=int, default=20, help="of each size")
    parser.add_argument("--workers", type=int, default=1000, help="simulated, of all coordinators")
    parser.add_argument("--coordinators", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--epochs", type=float, nargs="+", default=[10.0, 60.0],
                        help="seconds of an epoch")  # fmt: skip
    parser.add_argument("--budget", type=int, default=2000, help="trials that are simulated")
    parser.add_argument("--storage", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--page", action="store_true", help="write the tables into docs/scale.md")
    return parser.parse_args()


def _played(play: simulation.Play, storage: str) -> simulation.Played:
    curves = [row for row in read_table() if row.space == "digits"]
    if storage == "postgresql":
        with running_server() as server:
            return simulation.played(play, curves, server.url)
    with tempfile.TemporaryDirectory() as folder:
        return simulation.played(play, curves, f"sqlite:///{folder}/autoae.db")


def _write(tables: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
