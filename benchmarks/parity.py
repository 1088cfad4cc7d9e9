"""Whether training in the automatic precision ends where float32 ends.

    AUTOAE_DATA_DIR=/path/to/data python benchmarks/parity.py --seeds 5

Each network is trained in both precisions with the same seeds, from the same weights and with the
same batches. The difference of the final validation metric, seed by seed, has to lie within what
the seeds themselves change in float32. Networks that get float32 on this machine are left out.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, stdev

import torch
from cases import CASES
from figures import Figure, add_argument, append

from autoae.data import load
from autoae.data.resident import resident
from autoae.spec.config import Configuration
from autoae.training import Selection, Training, fit

CPU = torch.device("cpu")
VALIDATION = 1000
# By the first word of a case: how it is trained, and the metrics that are compared. With its own
# optimizer the hybrid tells no classes apart after so few epochs, and chance is alike everywhere.
PLANS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "conv": ({"epochs": 4}, ("val_bce", "val_mse")),
    "MLP": ({"epochs": 4}, ("val_mse",)),
    "hybrid": ({"epochs": 4, "optimizer": "adam", "lr": 0.001}, ("val_accuracy", "val_mse")),
}


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        case: Place in `CASES`.
        precision: As a study file says it.
        seed: Of weights and batches.
    """

    case: int
    precision: str
    seed: int


def train(run: Run) -> tuple[str, dict[str, float]]:
    """The precision that was used, and the metrics of the last epoch."""
    torch.set_num_threads(1)
    case = CASES[run.case]
    how, _ = PLANS[case.name.split()[0]]
    tree = case.tree
    configuration = Configuration.model_validate(
        {
            **tree,
            "data": {**tree["data"], "validation": VALIDATION},
            "training": {
                **tree.get("training", {}),
                **how,
                "precision": run.precision,
                "seed": run.seed,
            },
        }
    )
    images = resident(load(configuration.data), configuration.data, CPU)
    select = Selection.by("val_loss")
    training = Training.create([configuration], images, select=select, device=CPU)
    *_, last = fit(training, images)
    return training.member(0).precision, dict(last.metrics[0])


def compare(case: int, seeds: int, pool: ProcessPoolExecutor) -> list[Figure]:
    """Train a network with every seed in both precisions, print and give its figures."""
    name = CASES[case].name
    runs = [Run(case, kind, seed) for seed in range(seeds) for kind in ("float32", "auto")]
    found = list(pool.map(train, runs))
    if found[1][0] == "float32":
        print(f"{name}: float32 is the automatic precision on this machine")
        return []
    plain, automatic = [each[1] for each in found[::2]], [each[1] for each in found[1::2]]
    metrics = PLANS[name.split()[0]][1]
    return [_figure(name, metric, plain, automatic) for metric in metrics]


def _figure(
    name: str,
    metric: str,
    plain: Sequence[dict[str, float]],
    automatic: Sequence[dict[str, float]],
) -> Figure:
    pairs = [(theirs[metric], ours[metric]) for theirs, ours in zip(plain, automatic, strict=True)]
    difference = mean(ours - theirs for theirs, ours in pairs)
    spread = stdev(theirs for theirs, _ in pairs)
    met = abs(difference) <= spread
    print(
        f"{name}: {metric} {mean(one for one, _ in pairs):.5f} in float32, "
        f"{mean(two for _, two in pairs):.5f} in bfloat16, {difference:+.5f} apart; "
        f"seeds differ by {spread:.5f}: {'within' if met else 'NOT within'}"
    )
    return Figure(
        f"parity of bfloat16: {name}, {metric}, {len(pairs)} seeds",
        f"{mean(two for _, two in pairs):.5f}",
        f"{mean(one for one, _ in pairs):.5f} in float32",
        f"{difference:+.5f}",
        f"within {spread:.5f}, one standard deviation over seeds",
        met,
        "" if met else "bfloat16 costs more than another seed does",
    )


def main() -> None:
    """Train, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--case", default="", help="only the cases whose name contains this")
    add_argument(parser)
    given = parser.parse_args()
    if "AUTOAE_DATA_DIR" not in os.environ:
        raise SystemExit("name the directory of MNIST and CIFAR-10 with AUTOAE_DATA_DIR")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AUTOAE_CACHE_DIR"] = str(Path(cache))
        context = get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
            for number, case in enumerate(CASES):
                if given.case in case.name:
                    append(compare(number, given.seeds, pool), given.figures)


if __name__ == "__main__":
    main()
