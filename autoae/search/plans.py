"""Methods that know their trials beforehand: a grid, a list, an ablation."""

import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import prod

from autoae.search.errors import SearchError
from autoae.search.stacking import shape_of
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec

Params = dict[str, Value]
"""The value of each parameter, as Optuna keeps it: lists and mappings as JSON text."""

Identity = tuple[tuple[str, str], ...]

LARGEST_GRID = 1_000_000


AHEAD = 200
"""So many trials of a plan are looked at for one that stacks with another."""


class Plan:
    """Gives the planned trials one after the other, each one once.

    Args:
        points: All of them, in order, perhaps some twice.
        shape: Of a trial: what those that stack with it have in common, or None.
    """

    def __init__(
        self, points: Iterable[Params], shape: Callable[[Params], str | None] = lambda _: None
    ) -> None:
        self._points = iter(points)
        self._taken = set[Identity]()
        self._shape = shape
        self._skipped: list[tuple[str | None, Params]] = []

    def next(self, taken: Iterable[Params] = ()) -> Params | None:
        """The next trial that the study does not have yet; None when there is no more.

        Args:
            taken: Parameters of trials that the study has, where they were not given before.
        """
        self._take(taken)
        return self._skipped.pop(0)[1] if self._skipped else self._new()

    def next_of(self, shape: str, taken: Iterable[Params] = ()) -> Params | None:
        """The next trial of a shape, before its turn; None where none is near.

        Args:
            shape: What it has to have in common with others.
            taken: As for `next`.
        """
        self._take(taken)
        for place, (known, params) in enumerate(self._skipped):
            if known == shape:
                del self._skipped[place]
                return params
        while len(self._skipped) < AHEAD and (new := self._new()) is not None:
            if (found := self._shape(new)) == shape:
                return new
            self._skipped.append((found, new))
        return None

    def _take(self, taken: Iterable[Params]) -> None:
        """Another coordinator may have taken what was skipped here."""
        new = {_identity(params) for params in taken}
        self._taken |= new
        self._skipped = [each for each in self._skipped if _identity(each[1]) not in new]

    def _new(self) -> Params | None:
        for params in self._points:
            identity = _identity(params)
            if identity not in self._taken:
                self._taken.add(identity)
                return params
        return None


def plan_for(spec: StudySpec) -> Plan | None:
    """The plan of a study, or None where a sampler draws.

    Raises:
        SearchError: The grid is far beyond any budget.
    """
    make = PLANS.get(spec.settings.search.method)
    return None if make is None else Plan(make(spec), partial(shape_of, spec))


def grid(spec: StudySpec) -> Iterator[Params]:
    """Every combination of the space, in an order shuffled by the study's seed.

    A parameter that does not apply to a combination is left out of it, so combinations that
    differ in nothing else come up again.

    Raises:
        SearchError: There are too many combinations.
    """
    axes = {key: _axis(domain) for key, domain in spec.domains().items()}
    size = prod(len(axis) for axis in axes.values())
    if size > LARGEST_GRID:
        raise SearchError(
            f"the grid has {size:.2g} combinations",
            hint="give fewer values, or search it with tpe or random",
            key="search.method",
        )
    order = random.Random(spec.settings.search.seed).sample(range(size), size)
    return (_applicable(spec, _point(axes, index)) for index in order)


def enumerated(spec: StudySpec) -> Iterator[Params]:
    """Every run of a list or an ablation: all with the first seed, then all with the next one."""
    domains = spec.domains()
    return ({key: label(domains[key], value) for key, value in run.items()} for run in spec.runs())


PLANS: dict[str, Callable[[StudySpec], Iterator[Params]]] = {
    "grid": grid,
    "list": enumerated,
    "ablation": enumerated,
}
"""Every planning method by its name."""


def label(domain: Domain, value: Value) -> Value:
    """A value as Optuna keeps it."""
    if not isinstance(domain, Choices):
        return value
    # By its text, for in Python True is 1.
    texts = [repr(known) for known in domain.values]
    return domain.labels[texts.index(repr(value))]


def _axis(domain: Domain) -> list[Value]:
    match domain:
        case Choices():
            return list(domain.labels)
        case IntRange(low, high, _, step):
            return list(range(low, high + 1, step))
        case FloatRange(low, high, _, step):
            assert step is not None, "a study file with a continuous range is refused when read"
            # Half a step of slack, for 0.1 + 0.1 + 0.1 is not 0.3.
            return [low + index * step for index in range(int((high - low) / step + 0.5) + 1)]


def _point(axes: dict[str, list[Value]], index: int) -> Params:
    """The combination of that number, the first parameter the fastest."""
    point: Params = {}
    for key, axis in axes.items():
        index, place = divmod(index, len(axis))
        point[key] = axis[place]
    return point


def _applicable(spec: StudySpec, point: Params) -> Params:
    """The part of a combination that its configuration asks for."""
    asked: Params = {}

    def choose(key: str, domain: Domain) -> Value:
        asked[key] = point[key]
        return domain.value_of(point[key]) if isinstance(domain, Choices) else point[key]

    try:
        spec.configuration(choose)
    except SpecError:
        return asked  # It will be refused when its turn comes, with its reason.
    return asked


def _identity(params: Params) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, repr(value)) for key, value in params.items()))
