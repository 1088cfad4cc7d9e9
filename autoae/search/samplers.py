"""The samplers that a study file may name.

A new one is one entry of `SAMPLERS`.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from optuna import samplers
from optuna.exceptions import ExperimentalWarning

from autoae.search.errors import SearchError
from autoae.spec.study import StudySpec

Make = Callable[[StudySpec, int], samplers.BaseSampler]
"""Makes a sampler for a study file, from a seed for this run of the study."""


@dataclass(frozen=True)
class SamplerEntry:
    """A sampler by its name in study files.

    Attributes:
        make: Makes it.
        objectives: How many it can handle at most; None: any number.
        package: A package that it needs and that autoae does not install, or empty.
        looks_back: Whether parameters of trials that are complete matter to what it draws.
    """

    make: Make
    objectives: int | None = None
    package: str = ""
    looks_back: bool = True


def sampler_for(spec: StudySpec, run: int) -> samplers.BaseSampler:
    """Make the sampler of a study for one of its runs.

    Each run draws from a seed of its own, made of the study's seed and the number of the run: a
    study that is taken up again never draws its first points twice, and the first run of two
    fresh studies draws the same.

    Args:
        spec: The study file.
        run: How many runs the study has had before.

    Raises:
        SearchError: The sampler needs a package that is missing, or cannot handle the objectives.
    """
    name = spec.settings.search.method
    entry = SAMPLERS[name]
    _check(name, entry, len(spec.objectives))
    with warnings.catch_warnings():
        # Optuna's own marks of what is young are no news to whoever named the sampler.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return entry.make(spec, run_seed(spec.settings.search.seed, run))


def run_seed(seed: int, run: int) -> int:
    """A seed for one run of a study, far from those of other runs and seeds."""
    return int(np.random.SeedSequence((seed, run)).generate_state(1)[0])


def _check(name: str, entry: SamplerEntry, objectives: int) -> None:
    if entry.package and find_spec(entry.package) is None:
        raise SearchError(
            f"the sampler `{name}` needs the package {entry.package}, which is not installed",
            hint=f"pip install {entry.package}, or choose another search.method",
            key="search.method",
        )
    if entry.objectives is not None and objectives > entry.objectives:
        raise SearchError(
            f"the sampler `{name}` handles one objective, and the study has {objectives}",
            hint="choose tpe, nsga2 or gp, or leave one objective",
            key="search.method",
        )


def _tpe(_spec: StudySpec, seed: int) -> samplers.BaseSampler:
    # As Optuna has it: over conditional spaces like ours, 24 seeds of 30 to 100 trials showed
    # no difference to `group=True` or to sampling each parameter for itself.
    return samplers.TPESampler(seed=seed)


def _random(_spec: StudySpec, seed: int) -> samplers.BaseSampler:
    return samplers.RandomSampler(seed=seed)


def _gp(_spec: StudySpec, seed: int) -> samplers.BaseSampler:
    import torch

    # Its matrices are small: more threads would only take the cores from the workers.
    torch.set_num_threads(1)
    return samplers.GPSampler(seed=seed, warn_independent_sampling=False)


def _cmaes(_spec: StudySpec, seed: int) -> samplers.BaseSampler:
    return samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)


def _nsga2(spec: StudySpec, seed: int) -> samplers.BaseSampler:
    # Optuna's population of 50 would make a usual budget one single random generation.
    population = max(4, min(50, spec.budget // 5))
    return samplers.NSGAIISampler(population_size=population, seed=seed)


def _qmc(spec: StudySpec, seed: int) -> samplers.BaseSampler:
    # The sequence goes on where the last run left it, so all runs share its scrambling.
    return samplers.QMCSampler(
        scramble=True,
        seed=spec.settings.search.seed,
        independent_sampler=samplers.RandomSampler(seed=seed),
        warn_independent_sampling=False,
    )


SAMPLERS: dict[str, SamplerEntry] = {
    "tpe": SamplerEntry(_tpe),
    "random": SamplerEntry(_random, looks_back=False),
    "gp": SamplerEntry(_gp),
    "cmaes": SamplerEntry(_cmaes, objectives=1, package="cmaes"),
    "nsga2": SamplerEntry(_nsga2),
    "qmc": SamplerEntry(_qmc),
    # These plan their trials; only what a queued trial leaves open is drawn at random.
    "grid": SamplerEntry(_random),
    "list": SamplerEntry(_random),
    "ablation": SamplerEntry(_random),
}
"""Every sampler by its name."""
