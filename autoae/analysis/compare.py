"""What differs between two trials."""

from dataclasses import dataclass
from typing import Literal

from autoae.spec.domains import Value
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


@dataclass(frozen=True)
class Difference:
    """One thing in which two trials differ.

    Attributes:
        kind: What it is.
        name: Of the parameter, metric or cost.
        first: In the first trial; None where it has none.
        second: In the second trial.
    """

    kind: Literal["network", "parameter", "metric", "cost"]
    name: str
    first: Value
    second: Value


def differences(
    study: StudySnapshot, first: TrialSnapshot, second: TrialSnapshot
) -> tuple[Difference, ...]:
    """Everything in which two trials differ: network, parameters, objectives, metrics, costs."""
    one, other = _facts(study, first), _facts(study, second)
    return tuple(
        Difference(kind, name, one.get((kind, name)), other.get((kind, name)))
        for kind, name in dict.fromkeys([*one, *other])
        if one.get((kind, name)) != other.get((kind, name))
    )


_Kind = Literal["network", "parameter", "metric", "cost"]


def _facts(study: StudySnapshot, trial: TrialSnapshot) -> dict[tuple[_Kind, str], Value]:
    names = [objective.metric for objective in study.objectives]
    metrics = dict(zip(names, trial.values, strict=False)) | dict(trial.metrics)
    return {
        ("network", "network"): trial.notation,
        **{("parameter", name): value for name, value in trial.params.items()},
        **{("metric", name): value for name, value in metrics.items()},
        **{("cost", name): value for name, value in trial.costs.items()},
    }
