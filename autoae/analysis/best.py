"""The best trials of a study."""

from autoae.analysis.front import non_dominated, point_of
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


def best_trials(study: StudySnapshot, count: int) -> tuple[TrialSnapshot, ...]:
    """The best complete trials, the best first.

    With one objective they are ordered by its value. With several the trials that no other
    dominates come first, then those that only these dominate, and so on; within a rank the
    first objective orders them.

    Args:
        study: Its complete trials are compared.
        count: How many to return at most.
    """
    names = [objective.metric for objective in study.objectives]
    pairs = [(point_of(study, trial, names), trial) for trial in study.of_state("COMPLETE")]
    left = sorted(
        ((point, trial) for point, trial in pairs if point is not None),
        key=lambda pair: (pair[0], pair[1].number),
    )
    if len(names) == 1:
        return tuple(trial for _, trial in left[:count])
    ranked: list[TrialSnapshot] = []
    while left and len(ranked) < count:
        first = set(non_dominated([point for point, _ in left]))
        ranked += [left[index][1] for index in sorted(first)]
        left = [pair for index, pair in enumerate(left) if index not in first]
    return tuple(ranked[:count])
