"""How time is divided: between the stages, and within one between candidates and seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autoae.auto.progress import Stage

WEIGHTS = {Stage.SEARCH: 50, Stage.CONFIRM: 20, Stage.ABLATE: 25, Stage.EVALUATE: 5}
"""Parts of the time. What a stage leaves over goes to those after it."""

SEEDS = (5, 4, 3)
"""Repetitions, the most first; below three there is no interval to speak of."""

CANDIDATES = 5
"""Networks that are confirmed at most."""

_SAFETY = 0.9
"""Of the time of a stage is planned; new seeds take longer or shorter than the old ones."""


@dataclass(frozen=True)
class AblationSize:
    """How large an ablation is.

    Attributes:
        factors: The parameters to vary.
        levels: Values to compare with, of each interval.
        seeds: Repetitions.
    """

    factors: tuple[str, ...]
    levels: int
    seeds: int


def share(stage: Stage, left: float) -> float:
    """Seconds for a stage: its part of what is left for it and those after it.

    Args:
        stage: One that takes a part.
        left: Seconds for all of them.
    """
    order = list(WEIGHTS)
    return left * WEIGHTS[stage] / sum(WEIGHTS[each] for each in order[order.index(stage) :])


def affordable(seconds: float, training: float, workers: int) -> int:
    """How many trainings fit into a time.

    Args:
        seconds: To spend.
        training: Seconds of one.
        workers: That train at the same time.
    """
    return int(_SAFETY * seconds / training) * workers


def confirmation_size(trainings: int, candidates: int) -> tuple[int, int] | None:
    """Candidates and seeds that fit; None where not even one network gets three seeds.

    Seeds come first, for they make the intervals; but two candidates with fewer seeds are
    better than one with more, which could not be compared with anything.

    Args:
        trainings: That are affordable.
        candidates: Different networks that there are.
    """
    most = min(candidates, CANDIDATES)
    sizes = [(min(trainings // seeds, most), seeds) for seeds in SEEDS]
    compared = [size for size in sizes if size[0] >= min(2, most)]
    return next((size for size in compared or sizes if size[0] > 0), None)


def ablation_size(
    trainings: int, ranked: Sequence[str], variants: Callable[[AblationSize], int]
) -> AblationSize | None:
    """The largest ablation that fits; None where not even one knob does.

    First fewer values of each knob, then fewer seeds, then fewer knobs: a knob that is left out
    is one of which nothing will be known.

    Args:
        trainings: That are affordable.
        ranked: The parameters, those that seem to matter first.
        variants: Counts the variants of an ablation, the baseline included.
    """
    for count in range(len(ranked), 0, -1):
        for levels, seeds in ((2, 5), (1, 5), (1, 4), (1, 3)):
            size = AblationSize(tuple(ranked[:count]), levels, seeds)
            if variants(size) * seeds <= trainings:
                return size
    return None
