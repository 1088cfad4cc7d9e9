"""When a search is not expected to pay any more.

As Makarova et al. (Automatic Termination for Hyperparameter Optimization, 2022) say it, no search
is worth more than the error with which its figures are known: what is better by less than that is
no improvement. What further trials may bring is judged without a model, by records: had trials
been drawn one like the other, the last record among n of them would be among the first m with
probability m / n (Glick, Breaking Records and Breaking Boards, 1978). So when the second half of
all trials has brought no record, as many again would bring one at best by an even chance, and the
time is better spent on new seeds. With several objectives a trial is a record where none before
it is as good within the error in all of them (epsilon-dominance: Laumanns, Thiele, Deb and
Zitzler, 2002).
"""

from collections.abc import Iterator, Sequence
from math import log, sqrt

from autoae.analysis.figures import direction_of
from autoae.spec.metrics import COSTS, SHARES
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

FEWEST = 20
"""Trials before which no search is stopped, as in Optuna's own terminator."""

RELATIVE = 0.02
"""Of an error or a cost, of which no trial tells the spread: less is no improvement."""

Point = tuple[float, ...]


def no_longer_pays(study: StudySnapshot, images: int | None) -> str | None:
    """Why a search may end now, or None.

    Args:
        study: At this moment.
        images: That are held out, where it is known.
    """
    ended = sorted(study.counted, key=lambda trial: (trial.finished is None, trial.finished))
    records = list(_records(study, ended, images))
    if len(ended) < FEWEST or not records or 2 * (records[-1] + 1) > len(ended):
        return None
    last = ended[records[-1]]
    metrics = " or ".join(objective.metric for objective in study.objectives)
    return (
        f"of {len(ended)} trials the last {len(ended) - records[-1] - 1}, more than half, bettered "
        f"{metrics} by no more than its error since trial {last.number}"
    )


def _records(
    study: StudySnapshot, ended: Sequence[TrialSnapshot], images: int | None
) -> Iterator[int]:
    """Places of the trials that none before them equals within the error."""
    kept: list[Point] = []
    for place, trial in enumerate(ended):
        if trial.state != "COMPLETE":
            continue
        errors = _errors(study, trial, images)
        point = _point(study, trial)
        bar = tuple(value + error for value, error in zip(point, errors, strict=True))
        if not any(all(a <= b for a, b in zip(known, bar, strict=True)) for known in kept):
            kept.append(point)
            yield place


def _point(study: StudySnapshot, trial: TrialSnapshot) -> Point:
    """The values, less is better; those that are compared by their ratio as logarithms."""
    return tuple(
        (1 if direction_of(study, each.metric) == "minimize" else -1)
        * (value if _is_share(each.metric) or value <= 0 else log(value))
        for each, value in zip(study.objectives, trial.values, strict=True)
    )


def _errors(study: StudySnapshot, trial: TrialSnapshot, images: int | None) -> Point:
    """The standard error of a share of so many images, by Agresti and Coull; else a ratio."""
    return tuple(
        _sampling_error(value, images) if _is_share(each.metric) and images else RELATIVE
        for each, value in zip(study.objectives, trial.values, strict=True)
    )


def _sampling_error(value: float, images: int) -> float:
    middle = (value * images + 2) / (images + 4)
    return sqrt(middle * (1 - middle) / (images + 4))


def _is_share(metric: str) -> bool:
    return metric not in COSTS and metric.removeprefix("val_") in SHARES
