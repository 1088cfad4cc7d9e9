"""The trials of a list or an ablation, worked out in full before the first one runs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from autoae.spec.document import Tree
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.errors import SpecError
from autoae.spec.space import parameters, resolve

Run = dict[str, Value]
"""The value of every parameter that applies to one trial, `seed` included."""


def list_runs(variants: Iterable[str], seeds: int) -> tuple[Run, ...]:
    """Every variant with seed 0, then every variant with seed 1, and so on."""
    names = tuple(variants)
    return tuple({"variant": name, "seed": seed} for seed in range(seeds) for name in names)


def ablation_runs(tree: Tree, seeds: int, *, pairs: bool) -> tuple[Run, ...]:
    """The baseline, and each factor at each of its other values, with every seed.

    Args:
        tree: The sections that describe the training; the first entry of every `values` is the
            baseline.
        seeds: Each run is repeated with seeds 0, 1, ...
        pairs: Vary every two factors together as well.

    Raises:
        SpecError: A range has no first entry that could be the baseline.
    """
    factors = _factors(tree)
    changes = [{}, *_singles(factors), *(_pairs(factors) if pairs else ())]
    runs = [_run(tree, change) for change in changes]
    unique = [run for index, run in enumerate(runs) if run not in runs[:index]]
    return tuple({**run, "seed": seed} for seed in range(seeds) for run in unique)


def _factors(tree: Tree) -> dict[str, Choices]:
    factors: dict[str, Choices] = {}
    for key, domain in parameters(tree).items():
        if not isinstance(domain, Choices):
            raise SpecError("an ablation needs `values`, its baseline first", key=key)
        factors[key] = domain
    return factors


def _singles(factors: Mapping[str, Choices]) -> Iterator[Run]:
    for key, choices in factors.items():
        yield from ({key: value} for value in choices.values[1:])


def _pairs(factors: Mapping[str, Choices]) -> Iterator[Run]:
    for first, second in combinations(_singles(factors), 2):
        if first.keys() != second.keys():
            yield {**first, **second}


def _run(tree: Tree, change: Run) -> Run:
    """The parameters that apply once a change is made; a change that does not apply is dropped."""
    asked: Run = {}

    def choose(key: str, domain: Domain) -> Value:
        asked[key] = change.get(key, domain.ends[0])
        return asked[key]

    resolve(tree, choose)
    return asked
