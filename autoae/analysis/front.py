"""What cannot be bettered: trials than which none is better in one figure without a price."""

from collections.abc import Sequence

from autoae.analysis.figures import direction_of, figure_of
from autoae.spec.metrics import COSTS
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

Point = tuple[float, ...]


def front_axes(study: StudySnapshot) -> tuple[str, str]:
    """The two figures whose front answers best: a cost, if there is one, and an objective."""
    names = [objective.metric for objective in study.objectives]
    if len(names) == 1:
        return "params", names[0]
    ordered = sorted(names, key=lambda name: name not in COSTS)
    return ordered[0], ordered[1]


def front(
    study: StudySnapshot, x: str = "params", y: str | None = None
) -> tuple[TrialSnapshot, ...]:
    """The complete trials that no other one beats in both of two figures.

    Args:
        study: Its complete trials are compared; those without one of the figures are left out.
        x: An objective, a metric or a cost.
        y: Another one; the first objective unless given.

    Returns:
        Ordered by `x`, the smallest first.
    """
    names = (x, y or study.objectives[0].metric)
    found = [
        (point, trial)
        for trial in study.of_state("COMPLETE")
        if (point := point_of(study, trial, names)) is not None
    ]
    kept = [found[index][1] for index in non_dominated([point for point, _ in found])]
    return tuple(sorted(kept, key=lambda trial: figure_of(study, trial, x) or 0.0))


def point_of(study: StudySnapshot, trial: TrialSnapshot, names: Sequence[str]) -> Point | None:
    """The figures of a trial, turned so that less is better; None where one is missing."""
    values = [figure_of(study, trial, name) for name in names]
    signs = [1.0 if direction_of(study, name) == "minimize" else -1.0 for name in names]
    known = [sign * value for sign, value in zip(signs, values, strict=True) if value is not None]
    return tuple(known) if len(known) == len(names) else None


def non_dominated(points: Sequence[Point]) -> list[int]:
    """Indices of the points that no other point dominates; less is better.

    A point dominates another one if it is nowhere worse and somewhere better, so equal points
    stay together. Ordered by coordinates first, a point can only be dominated by an earlier one:
    the cost is the number of points times the size of the front.
    """
    kept: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: points[index]):
        if not any(_dominates(points[other], points[index]) for other in kept):
            kept.append(index)
    return sorted(kept)


def _dominates(one: Point, other: Point) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
