"""What a change costs, from pairs of trials of one seed."""

from collections.abc import Iterator

from autoae.analysis.effects.contrasts import Contrast
from autoae.analysis.effects.differences import difference
from autoae.analysis.effects.outcomes import OF_THE_WHOLE_RUN
from autoae.analysis.ledger import CostChange
from autoae.spec.metrics import COSTS
from autoae.store.snapshot import TrialSnapshot


def cost_changes(contrast: Contrast) -> tuple[CostChange, ...]:
    """The mean change of every cost that all arms recorded for some seed."""
    return tuple(_changes(contrast))


def _changes(contrast: Contrast) -> Iterator[CostChange]:
    for cost in COSTS:
        values = {
            trial.number: trial.costs[cost]
            for trial in contrast.trials
            if cost in trial.costs and _counts(cost, trial)
        }
        paired = difference(contrast, values)
        if paired.count:
            estimate = paired.estimate
            reference = paired.reference
            yield CostChange(cost, estimate.value, reference, estimate.interval())


def _counts(cost: str, trial: TrialSnapshot) -> bool:
    return cost not in OF_THE_WHOLE_RUN or trial.state == "COMPLETE"
