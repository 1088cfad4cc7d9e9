"""Small studies with known effects, for tests of the ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests.snapshots import study, trial

Params = Mapping[str, Value]

RATE, KIND, DEPTH = "training.lr", "training.optimizer", "model.encoder.depth"
SPACE: dict[str, Domain] = {
    RATE: FloatRange(1e-4, 1e-1, log=True),
    KIND: Choices(("adam", "sgd")),
    DEPTH: IntRange(1, 3),
}


def paired(
    arms: Mapping[str, Sequence[float]], factor: str = "factor", metric: str = "val_accuracy"
) -> tuple[StudySnapshot, dict[str, Domain]]:
    """An ablation of one factor: for each level its figures, one a seed; the baseline first."""
    runs: list[tuple[Params, float]] = [
        ({factor: level, "seed": seed}, value)
        for level, values in arms.items()
        for seed, value in enumerate(values)
    ]
    seeds = max(len(values) for values in arms.values())
    domains: dict[str, Domain] = {factor: Choices(tuple(arms))}
    return of_runs(runs, metric), domains | {"seed": Choices(tuple(range(seeds)))}


def of_runs(runs: Iterable[tuple[Params, float]], metric: str = "val_accuracy") -> StudySnapshot:
    """A study of complete trials."""
    trials = (trial(number, value, params=params) for number, (params, value) in enumerate(runs))
    return study(trials, metric)


def searched(
    truth: Callable[[Params], float], count: int, seed: int = 0, noise: float = 1.0
) -> StudySnapshot:
    """A random search of SPACE."""
    generator = np.random.default_rng(seed)
    runs = []
    for _ in range(count):
        params: dict[str, Value] = {
            RATE: float(10 ** generator.uniform(-4, -1)),
            KIND: ("adam", "sgd")[int(generator.integers(2))],
            DEPTH: int(generator.integers(1, 4)),
        }
        runs.append((params, truth(params) + noise * float(generator.normal())))
    return of_runs(runs)


def changed(
    snapshot: StudySnapshot, change: Callable[[TrialSnapshot], TrialSnapshot]
) -> StudySnapshot:
    """The study with every trial changed."""
    return replace(snapshot, trials=tuple(change(each) for each in snapshot.trials))
