"""How many trials are left, over all workers, coordinators and runs."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from autoae.store.attributes import REFUSED, RETRIED_FROM


def used(trials: Sequence[FrozenTrial]) -> int:
    """The trials that use up the budget: finished, neither refused nor repeated since."""
    repeated = {trial.user_attrs.get(RETRIED_FROM) for trial in trials}
    return sum(
        trial.state.is_finished()
        and trial.user_attrs.get(REFUSED) is not True
        and trial.number not in repeated
        for trial in trials
    )


def left(budget: int, trials: Sequence[FrozenTrial]) -> int:
    """How many trials may still be started; those that run, wherever they run, are taken off."""
    running = sum(trial.state == TrialState.RUNNING for trial in trials)
    return budget - used(trials) - running
