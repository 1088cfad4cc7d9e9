"""A look at a search space before anything is created: its size, and what of it can be built."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product
from random import Random

from autoae.spec.blocks import Shape
from autoae.spec.config import Configuration, DataOptions
from autoae.spec.document import Tree
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import Unbuildable, placed
from autoae.spec.jigsaw import check_grid
from autoae.spec.plan import NetworkPlan, plan_network
from autoae.spec.runs import Run
from autoae.spec.space import DEPTH, KIND, Choose, largest, parameters, resolve, size
from autoae.spec.study import StudySpec

SAMPLE = 200
"""Combinations drawn at random; a share of 5 % that cannot be built is then within 3 points."""

Images = Callable[[DataOptions], tuple[Shape, int]]
"""Shape and number of classes of the images of a data set."""


@dataclass(frozen=True)
class Candidate:
    """A combination that can be built."""

    configuration: Configuration
    plan: NetworkPlan


@dataclass(frozen=True)
class Survey:
    """What a sample of the space has shown.

    Attributes:
        parameters: That are searched.
        combinations: In the whole space; None where a parameter is continuous.
        tried: Combinations planned.
        candidates: Those that can be built.
        refusals: Why the others cannot, the most frequent first, with their number.
    """

    parameters: int
    combinations: int | None
    tried: int
    candidates: tuple[Candidate, ...]
    refusals: tuple[tuple[Unbuildable, int], ...]


def survey(spec: StudySpec, images: Images) -> Survey:
    """Plan a deterministic sample of a study's space, without torch.

    Args:
        spec: The study.
        images: Looks up what the network will be given.

    Raises:
        Unbuildable: Nothing of the sample can be built; with the place of the reason.
        UserError: There are no such images; with the place of the key to blame.
    """
    # Many combinations share one data set, and looking it up may read a file.
    known = lru_cache(maxsize=None)(images)
    with placed(spec.locate):
        return _survey(spec, known)


def _survey(spec: StudySpec, known: Images) -> Survey:
    candidates: list[Candidate] = []
    refusals: list[Unbuildable] = []
    for choose in _choosers(spec):
        try:
            configuration = spec.configuration(choose)
            image, classes = known(configuration.data)
            plan = plan_network(configuration.model, image, classes)
            check_grid(configuration.loss, image)
            candidates.append(Candidate(configuration, plan))
        except Unbuildable as refusal:
            refusals.append(refusal)
    tried = len(candidates) + len(refusals)
    counted = _counted(refusals)
    if not candidates:
        raise _nothing(spec, counted, tried)
    return Survey(len(spec.domains()), combinations(spec), tried, tuple(candidates), counted)


def combinations(spec: StudySpec) -> int | None:
    """How many combinations a space holds; None where a parameter is continuous."""
    if runs := spec.runs():
        return len(runs)
    domains = parameters(spec.tree)
    branches = [_values(domains[key]) if key in domains else [None] for key in (KIND, DEPTH)]
    counts = dict(_branch(spec.tree, kind, depth) for kind, depth in product(*branches))
    known = [count for count in counts.values() if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _branch(tree: Tree, kind: Value, depth: Value) -> tuple[str, int | None]:
    """The combinations with one encoder and depth, by what of both applies."""
    fixed = {KIND: kind, DEPTH: depth}
    asked: dict[str, Domain] = {}

    def choose(key: str, domain: Domain) -> Value:
        asked[key] = domain
        return fixed[key] if key in fixed else largest(domain)

    resolve(tree, choose)
    sizes = [size(domain) for key, domain in asked.items() if key not in fixed]
    applies = repr([(key, value) for key, value in fixed.items() if key in asked])
    return applies, None if None in sizes else math.prod(s for s in sizes if s is not None)


def _of_run(run: Run, key: str, _: Domain) -> Value:
    return run[key]


def _values(domain: Domain) -> list[Value]:
    match domain:
        case IntRange(low, high, _, step):
            return list(range(low, high + 1, step))
        case _:
            return list(domain.ends)


def _choosers(spec: StudySpec) -> Iterator[Choose]:
    if runs := spec.runs():
        yield from (partial(_of_run, run) for run in runs)
        return
    if not spec.domains():
        yield lambda _, domain: largest(domain)
        return
    # Both ends first: the smallest and the largest network are there or near.
    yield lambda _, domain: _smallest(domain)
    yield lambda _, domain: largest(domain)
    random = Random(0)
    for _ in range(SAMPLE - 2):
        yield lambda _, domain: draw(domain, random)


def draw(domain: Domain, random: Random) -> Value:
    """A value of a domain, each as likely as the next; in a log range each magnitude."""
    match domain:
        case Choices(values):
            return random.choice(values)
        case IntRange(low, high, log, step):
            return _draw_whole(low, high, step, log, random)
        case FloatRange(low, high, True, _):
            return min(max(math.exp(random.uniform(math.log(low), math.log(high))), low), high)
        case FloatRange(low, high, _, None):
            return random.uniform(low, high)
        case FloatRange(low, high, _, step):
            assert step is not None
            return low + step * random.randrange(int((high - low) / step) + 1)


def _draw_whole(low: int, high: int, step: int, log: bool, random: Random) -> int:
    if log:
        return min(int(math.exp(random.uniform(math.log(low), math.log(high + 1)))), high)
    return random.randrange(low, high + 1, step)


def _smallest(domain: Domain) -> Value:
    numbers = [value for value in domain.ends if isinstance(value, int | float)]
    return min(numbers) if len(numbers) == len(domain.ends) else domain.ends[0]


def _counted(refusals: list[Unbuildable]) -> tuple[tuple[Unbuildable, int], ...]:
    counts = Counter((refusal.key, refusal.message) for refusal in refusals)
    first = {(refusal.key, refusal.message): refusal for refusal in reversed(refusals)}
    return tuple((first[reason], count) for reason, count in counts.most_common())


def _nothing(
    spec: StudySpec, refusals: tuple[tuple[Unbuildable, int], ...], tried: int
) -> Unbuildable:
    reason, count = refusals[0]
    message = reason.message
    if tried > 1:
        often = "" if count == tried else ", most often"
        message = f"none of {tried} combinations tried can be built{often}: {message}"
    return Unbuildable(
        message, hint=reason.hint, key=reason.key, place=reason.place or spec.locate(reason.key)
    )
