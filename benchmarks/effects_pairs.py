"""Synthetic ablations: settings trained with the same seeds, held against the truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from effects_rows import Row, row_of

from autoae.analysis.effects import effects
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.settings import Objective
from autoae.store.snapshot import Curve, State, StudySnapshot, TrialSnapshot

METRIC = "val_accuracy"
EPOCHS = 4
SIZES: Mapping[str, float] = {"half": 0.5, "three": 0.75, "one": 1.0, "more": 1.5, "two": 2.0}
"""True effects of factors of two levels, in standard deviations of the noise."""

INERT: Mapping[str, int] = {"inert": 2, "inert_three": 3}
"""Factors without effect, and their numbers of levels."""

JOINT = ("one", "two")
"""The two factors that do more together than each alone, by one standard deviation."""

Changes = Mapping[str, int]


@dataclass(frozen=True)
class Ablation:
    """A setting of which many studies are drawn.

    Attributes:
        name: As the tables show it.
        seeds: Of every setting.
        noise: `equal`, `unequal` (half to twice as large, by setting) or `skewed` and unequal.
        pairs: Whether every two factors are varied together as well.
        lossy: Whether one in ten trials fails, and the weak ones are pruned.
    """

    name: str
    seeds: int
    noise: str = "unequal"
    pairs: bool = False
    lossy: bool = False


ABLATIONS = (
    Ablation("3 seeds", 3),
    Ablation("5 seeds, equal noise", 5, noise="equal"),
    Ablation("5 seeds", 5),
    Ablation("5 seeds, skewed noise", 5, noise="skewed"),
    Ablation("5 seeds, failed and pruned trials", 5, lossy=True),
    Ablation("5 seeds, pairs of factors", 5, pairs=True),
    Ablation("10 seeds", 10),
    Ablation("10 seeds, skewed noise", 10, noise="skewed"),
    Ablation("20 seeds", 20),
)


def ablation_rows(ablation: Ablation, index: int, seed: int) -> list[Row]:
    """One study of a setting."""
    generator = np.random.default_rng(seed)
    signs = dict(zip(SIZES, generator.choice([-1.0, 1.0], len(SIZES)), strict=True))
    study = _study(ablation, signs, generator)
    ledger = effects(study, _domains())
    rows = []
    for effect in ledger.effects:
        names = effect.knob.split(" × ")
        truth = _interaction(names, signs) if len(names) == 2 else _main(effect.knob, signs)
        scale = 1.0 if effect.epoch is None else effect.epoch / EPOCHS
        rows.append(row_of(ablation.name, index, None if truth is None else truth * scale, effect))
    return rows


def _domains() -> dict[str, Domain]:
    levels = {**dict.fromkeys(SIZES, 2), **INERT}
    counts = {**levels, "seed": 20}
    return {name: Choices(tuple(range(count))) for name, count in counts.items()}


def _main(name: str, signs: Mapping[str, float]) -> float | None:
    return signs[name] * SIZES[name] if name in SIZES else None


def _interaction(names: list[str], signs: Mapping[str, float]) -> float | None:
    return signs[JOINT[0]] if tuple(names) == JOINT else None


def _variants(ablation: Ablation) -> Iterator[Changes]:
    yield {}
    yield from ({name: 1} for name in SIZES)
    yield from ({name: level} for name, count in INERT.items() for level in range(1, count))
    if ablation.pairs:
        yield from ({one: 1, other: 1} for one, other in combinations([*SIZES, "inert"], 2))


def _study(
    ablation: Ablation, signs: Mapping[str, float], generator: np.random.Generator
) -> StudySnapshot:
    """Every variant with every seed; what a seed does to all variants is 0.7 of the noise."""
    shared = 0.7 * generator.normal(size=ablation.seeds)
    trials: list[TrialSnapshot] = []
    for changes in _variants(ablation):
        deviation = 1.0 if ablation.noise == "equal" else float(np.exp2(generator.uniform(-1, 1)))
        own = deviation * _noise(ablation, generator, ablation.seeds)
        for seed in range(ablation.seeds):
            value = _expected(changes, signs) + float(shared[seed] + own[seed])
            params: dict[str, Value] = dict.fromkeys(_domains(), 0)
            params |= {**changes, "seed": seed}
            trials.append(_trial(len(trials), params, value, ablation, generator))
    objective = Objective.model_construct(metric=METRIC, direction="maximize")
    return StudySnapshot(ablation.name, (objective,), len(trials), tuple(trials))


def _noise(
    ablation: Ablation, generator: np.random.Generator, count: int
) -> npt.NDArray[np.float64]:
    """Of mean 0 and standard deviation 1; the skewed one has a long tail of bad values."""
    if ablation.noise != "skewed":
        return generator.normal(size=count)
    return np.asarray(2 - generator.gamma(4.0, size=count) / 2)


def _expected(changes: Changes, signs: Mapping[str, float]) -> float:
    value = sum(_main(name, signs) or 0.0 for name in changes)
    return value + (signs[JOINT[0]] if set(changes) == set(JOINT) else 0.0)


def _trial(
    number: int,
    params: dict[str, Value],
    value: float,
    ablation: Ablation,
    generator: np.random.Generator,
) -> TrialSnapshot:
    """A trial whose curve grows evenly; of the lossy ones a tenth fails, weak ones are pruned."""
    state: State = "COMPLETE"
    if ablation.lossy and generator.random() < 0.1:
        state = "FAIL"
    elif ablation.lossy and value < -1.5:
        state = "PRUNED"
    reached = EPOCHS if state == "COMPLETE" else 2
    curve = tuple((epoch, value * epoch / EPOCHS) for epoch in range(1, reached + 1))
    values = (value,) if state == "COMPLETE" else ()
    return _snapshot(number, state, values, params, curve)


def _snapshot(
    number: int, state: State, values: tuple[float, ...], params: dict[str, Value], curve: Curve
) -> TrialSnapshot:
    return TrialSnapshot(
        number=number,
        state=state,
        values=values,
        params=params,
        notation="",
        metrics={},
        costs={},
        epoch=None,
        epochs=len(curve),
        variant=None,
        seed=None,
        reason="",
        refused=False,
        retried_from=None,
        curves={METRIC: curve},
        configuration={},
        started=None,
        finished=None,
        lease=None,
    )
