"""Small frozen studies for tests of what reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from autoae.spec.domains import Value
from autoae.spec.metrics import METRICS
from autoae.spec.settings import Objective
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

START = datetime(2026, 3, 1, 12)
NOTATION = "C(16) > C(32) > L'(32) | L'(10)"


def trial(
    number: int,
    *values: float,
    params: Mapping[str, Value] | None = None,
    parameters: float | None = 1000.0,
) -> TrialSnapshot:
    """A complete trial."""
    return TrialSnapshot(
        number=number,
        state="COMPLETE",
        values=values,
        params=params or {"training.lr": 0.01},
        notation=NOTATION,
        metrics={},
        costs={} if parameters is None else {"params": parameters, "flops": parameters * 20},
        epoch=3,
        epochs=4,
        variant=None,
        seed=0,
        reason="",
        refused=False,
        retried_from=None,
        curves={},
        configuration={},
        started=START,
        finished=START + timedelta(seconds=number + 1),
        lease=None,
    )


def pruned(number: int, reason: str = "worse than the median at epoch 2") -> TrialSnapshot:
    """A trial that was pruned."""
    return replace(trial(number), state="PRUNED", reason=reason)


def study(
    trials: Iterable[TrialSnapshot], *metrics: str, name: str = "small", budget: int = 20
) -> StudySnapshot:
    """A study of these metrics, each in its own direction; accuracy unless given."""
    objectives = tuple(
        Objective(metric=metric, direction=METRICS[metric].direction)
        for metric in metrics or ("val_accuracy",)
    )
    return StudySnapshot(name=name, objectives=objectives, budget=budget, trials=tuple(trials))
