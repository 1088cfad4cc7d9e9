"""Trials that wait for their turn, in the form in which Optuna queues them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoae.spec.domains import Value

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

QUEUED = "fixed_params"
"""The system attribute in which Optuna keeps the parameters of a queued trial."""


def queue(
    storage: "BaseStorage",
    study: int,
    params: Mapping[str, Value],
    attributes: Mapping[str, object],
) -> int:
    """Let a trial wait for its turn; unlike Optuna's `enqueue_trial` it says which one it is.

    Args:
        storage: As `open_storage` gives it.
        study: The storage's identity of the study.
        params: As Optuna keeps them; the sampler gives the others.
        attributes: User attributes of the new trial.

    Returns:
        The number of the new trial.
    """
    from optuna.trial import TrialState, create_trial

    waiting = create_trial(
        state=TrialState.WAITING,
        system_attrs={QUEUED: dict(params)},
        user_attrs=dict(attributes),
    )
    return storage.get_trial_number_from_id(storage.create_new_trial(study, waiting))


def parameters_of(trial: "FrozenTrial") -> dict[str, Value]:
    """The parameters of a trial; one that died while it was asked has only part of them."""
    queued = trial.system_attrs.get(QUEUED)
    return {**(queued if isinstance(queued, dict) else {}), **trial.params}
