"""Ten thousand tiny trials through the whole program: memory, time and disk by the trial.

    python benchmarks/soak.py                       # 10,000 trials on 2 workers
    python benchmarks/soak.py --trials 300 --image /tmp/soak.svg

Commands in processes of their own do the work, as a user starts them. Beside them this one reads
the memory of the coordinator and of each worker (the proportional set size: what processes share
is divided among them), counts the ended trials in the database, and measures the files. At the end
`autoae study prune-files --keep best:10` frees what it can.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import connect
from statistics import median

import psutil
from figures import Figure, add_argument, append
from soak_drawing import Sample, chart

STUDY = """\
description: Does anything grow that should not?
data: {{dataset: digits, limit: 100, validation: 50}}
model: {{encoder: {{kind: mlp, depth: 1, width: {{min: 2, max: 32}}}}, latent: {{min: 1, max: 16}}}}
training: {{lr: {{min: 1.0e-4, max: 1.0e-1, log: true}}, batch_size: 50, epochs: 1}}
search: {{trials: {trials}, method: {method}, pruner: none}}
"""
SETTLED = 1000
"""Trials after which memory has to be flat. A run of less than twice as many says from its first
tenth on how memory changed, and nothing of whether that is flat: by then not all is loaded, such as
what draws for the dashboard."""

FLAT = 1.05
SAMPLES = 200


def main() -> int:
    """Run, draw, and say whether all that was promised holds."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        text = STUDY.format(trials=asked.trials, method=asked.method)
        (folder / "soak.yaml").write_text(text)
        _autoae(folder, "study", "create", "soak.yaml")
        samples = list(_run(folder, asked.trials, asked.workers))
        states, before = _states(folder), _size(folder)
        said = _autoae(folder, "study", "prune-files", "soak", "--keep", "best:10", "--yes")
        print(said.strip())
        figures = _figures(samples, asked.trials, states, before, _size(folder))
    asked.image.write_bytes(chart(samples))
    append(figures, asked.figures)
    for figure in figures:
        print(f"{figure.what}: {figure.ours}" + ("" if figure.met is not False else "  MISSED"))
    return int(any(figure.met is False for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--method", default="random", help="the sampler: `tpe` asks ever longer")
    parser.add_argument("--image", type=Path, default=Path("docs/images/soak.svg"))
    add_argument(parser)
    return parser.parse_args()


def _autoae(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "autoae", *words]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout + done.stderr


def _run(folder: Path, trials: int, workers: int) -> Iterator[Sample]:
    words = ["study", "run", "soak", "--workers", str(workers), "--json"]
    start, every = time.perf_counter(), max(1, trials // SAMPLES)
    with (folder / "run.txt").open("wb") as said:
        run = subprocess.Popen(
            [sys.executable, "-m", "autoae", *words], cwd=folder, stdout=said, stderr=said
        )
        following = every
        while run.poll() is None:
            time.sleep(0.2)
            ended = _ended(folder)
            # When all have ended, the workers end as well.
            if following <= ended < trials and (sample := _sample(run.pid, folder, ended, start)):
                following = ended + every
                yield sample
    if run.returncode:
        raise SystemExit((folder / "run.txt").read_text()[-3000:])


def _sample(pid: int, folder: Path, ended: int, start: float) -> Sample | None:
    with suppress(psutil.Error):
        coordinator = psutil.Process(pid)
        # The largest ones: beside the workers are what draws and what multiprocessing itself needs.
        memory = sorted(each.memory_full_info().pss for each in coordinator.children())
        workers = tuple(size for size in memory if size > 0.5 * memory[-1])
        others = sum(memory) - sum(workers)
        own = coordinator.memory_full_info().pss
        return Sample(ended, time.perf_counter() - start, own, workers, others, _size(folder))
    return None


def _ended(folder: Path) -> int:
    return sum(count for state, count in _states(folder).items() if state not in _OPEN)


_OPEN = ("RUNNING", "WAITING")


def _states(folder: Path) -> dict[str, int]:
    """How many trials are in each state."""
    query = "SELECT state, COUNT(*) FROM trials GROUP BY state"
    with closing(connect(f"file:{folder}/storage/autoae.db?mode=ro", uri=True)) as database:
        return dict(database.execute(query).fetchall())


def _size(folder: Path) -> int:
    sizes = 0
    for file in (folder / "storage").rglob("*"):
        with suppress(FileNotFoundError):  # A file that was renamed meanwhile.
            sizes += file.stat().st_size
    return sizes


def _figures(
    samples: Sequence[Sample], trials: int, states: dict[str, int], before: int, after: int
) -> list[Figure]:
    long = trials >= 2 * SETTLED
    settled = [each for each in samples if each.trials >= (SETTLED if long else trials // 10)]
    complete = states.get("COMPLETE", 0)
    kilobytes = [size / trials / 1000 for size in (before, after)]
    return [
        Figure(
            "soak: trials complete",
            f"{complete:,} of {sum(states.values()):,}",
            target=f"{trials:,}, none lost or failed",
            met=states == {"COMPLETE": trials},
        ),
        _memory("coordinator", [each.coordinator for each in settled], judged=long),
        _memory("workers", [sum(each.workers) for each in settled], judged=long),
        Figure("soak: memory of the process that draws", f"{settled[-1].others / 1e6:.1f} MB"),
        _times(settled),
        Figure("soak: disk a trial", f"{kilobytes[0]:.1f} kB, then {kilobytes[1]:.1f} kB"),
    ]


def _memory(who: str, sizes: Sequence[int], *, judged: bool) -> Figure:
    """Medians of the first and the last tenth: single samples catch garbage not yet collected."""
    part = max(1, len(sizes) // 10)
    first, last = median(sizes[:part]), median(sizes[-part:])
    return Figure(
        f"soak: memory of the {who}",
        f"{first / 1e6:.1f} MB, at the end {last / 1e6:.1f} MB ({last / first - 1:+.1%})",
        target="within 5 % after the first 1,000 trials",
        met=last <= FLAT * first if judged else None,
    )


def _times(samples: Sequence[Sample]) -> Figure:
    part = max(2, len(samples) // 10)
    first, last = _seconds(samples[:part]), _seconds(samples[-part:])
    return Figure("soak: time a trial", f"{first * 1000:.0f} ms, at the end {last * 1000:.0f} ms")


def _seconds(samples: Sequence[Sample]) -> float:
    start, end = samples[0], samples[-1]
    return (end.seconds - start.seconds) / max(1, end.trials - start.trials)


if __name__ == "__main__":
    sys.exit(main())
