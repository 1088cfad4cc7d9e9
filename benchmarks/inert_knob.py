"""Whether a knob that does nothing is found to do nothing, on real trainings.

Each repetition is an ablation of `mnist-cae` with fresh seeds: the order of batches
(`data.order_seed`, which does nothing) and the learning rate (which does something) against the
baseline, five seeds each, run by the coordinator like any study and judged by the same ledger
that `autoae study effects` shows.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/inert_knob.py [--repetitions 20] [--workers 2]

300 trainings of a second or two on a free core. Studies are kept in --folder, so that a run that
was interrupted goes on where it was.
"""

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

from autoae.analysis.effects import effects
from autoae.analysis.ledger import Effect
from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study, load_study

SEEDS = 5
APART = 1000
"""Between the seeds of two repetitions; the order of batches has others yet."""

INERT, REAL = "data.order_seed", "training.lr"
METRIC = "val_mse"
FEWEST = 0.9
"""The share of repetitions in which the inert knob must come out as no evidence."""

NETWORK = (
    "model.encoder.depth=2",
    "model.encoder.width=16",
    "model.encoder.down=stride",
    "model.latent=16",
    "model.up=transpose",
    "model.activation=relu",
    "model.batch_norm=false",
    "loss.reconstruction=mse",
    "training.optimizer=adam",
    "training.batch_size=32",
)
QUICK = ("data.limit=3000", "data.validation=1000", "training.epochs=3", "training.device=cpu")


def ablation(repetition: int) -> StudySpec:
    """The study file of one repetition."""
    first = APART * (repetition + 1)
    knobs = (
        f"{INERT}={{values: [null, {first + APART // 2}]}}",
        f"{REAL}={{values: [0.003, 0.0003]}}",
        f"training.seed={first}",
        "search.method=ablation",
        f"search.seeds={SEEDS}",
        "search.trials=null",
    )
    overrides = (*NETWORK, *QUICK, *knobs)
    return read_study("mnist-cae", profile="quick", overrides=overrides, name=f"r{repetition:02}")


def repeated(url: str, repetition: int, workers: int) -> dict[str, Effect]:
    """Train one repetition, or take up what there is of it; its effects by knob."""
    spec = ablation(repetition)
    storage = open_storage(url)
    create_study(storage, spec, reuse=True)
    close_storage(storage)
    run_study(spec.name, url, RunOptions(workers=workers), SilentObserver())
    storage = open_storage(url)
    snapshot = read_snapshot(load_study(storage, spec.name))
    close_storage(storage)
    ledger = effects(snapshot, spec.domains(), metric=METRIC)
    assert ledger.problem is None, ledger.problem
    return {effect.knob: effect for effect in ledger.effects}


def rows(found: Iterable[dict[str, Effect]]) -> Iterator[str]:
    """A line of Markdown for each repetition, as it comes."""
    yield f"| repetition | {INERT} | 95 % interval | p | verdict | {REAL} | p | verdict |"
    yield "| ---: | ---: | --- | ---: | --- | ---: | ---: | --- |"
    for number, each in enumerate(found):
        inert, real = each[INERT], each[REAL]
        assert inert.interval is not None
        cells = [
            str(number),
            f"{inert.estimate:+.1e}",
            f"{inert.interval.low:+.1e} to {inert.interval.high:+.1e}",
            f"{inert.corrected_p:.2f}",
            inert.verdict,
            f"{real.estimate:+.1e}",
            f"{real.corrected_p:.1e}",
            real.verdict,
        ]
        yield f"| {' | '.join(cells)} |"


def summary(found: list[dict[str, Effect]], seconds: float) -> str:
    """What came out how often, and whether that is as it has to be."""
    counts = {knob: Counter(each[knob].verdict for each in found) for knob in (INERT, REAL)}
    lines = [f"{len(found)} repetitions in {seconds / 60:.1f} min"]
    for knob, verdicts in counts.items():
        said = ", ".join(f"{verdict}: {count}" for verdict, count in verdicts.most_common())
        lines.append(f"{knob}: {said}")
    quiet = counts[INERT]["no evidence"] >= FEWEST * len(found)
    heard = counts[REAL]["no evidence"] == 0
    lines.append(f"inert knob found inert: {_met(quiet)}; learning rate found: {_met(heard)}")
    return "\n".join(lines)


def _met(held: bool) -> str:
    return "as it has to be" if held else "NOT as it has to be"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="kept there and gone on with; else temporary")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = given.folder or Path(temporary)
        url = f"sqlite:///{folder}/inert.db"
        start, found = perf_counter(), list[dict[str, Effect]]()

        def each() -> Iterator[dict[str, Effect]]:
            for repetition in range(given.repetitions):
                found.append(repeated(url, repetition, given.workers))
                yield found[-1]

        for row in rows(each()):
            print(row, flush=True)
        print(summary(found, perf_counter() - start))


if __name__ == "__main__":
    main()
