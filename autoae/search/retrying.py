"""Trials that ended through no fault of their own are queued again, with the same parameters."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from optuna.trial import FrozenTrial, TrialState

from autoae.search.ledger import Ledger
from autoae.spec.domains import Value
from autoae.store.attributes import ATTEMPTS, PARTS, RETRIED_FROM, UNPRUNED
from autoae.store.leases import Lease, alive, is_here
from autoae.store.queueing import parameters_of
from autoae.store.turns import TurnLost

COORDINATOR_ENDED = "coordinator ended"
ON_REQUEST = "pruned on request"
INTERRUPTED = "interrupted"
RETRIES = 2
"""How often a trial whose worker died is tried again, unless a run says something else."""


def retry(
    ledger: Ledger,
    number: int,
    reason: str,
    *,
    attempts: int | None = None,
    parts: int | None = None,
) -> None:
    """Fail a running trial and queue its parameters again.

    First the new trial is queued, then the old one is failed: whoever dies in between leaves a
    running trial that another coordinator fails without queueing it twice.

    Args:
        ledger: Of the study.
        number: Of the trial.
        reason: Why it failed.
        attempts: How many workers have died with these parameters; as before unless given.
        parts: In how many its batches shall pass; as before unless given.
    """
    # A turn that was lost was written nevertheless, and nobody else repeats what runs here.
    with suppress(TurnLost), ledger.turn():
        _repeat(ledger, number, reason, attempts, parts)


def _repeat(
    ledger: Ledger, number: int, reason: str, attempts: int | None = None, parts: int | None = None
) -> None:
    trials = ledger.trials()
    if not any(trial.user_attrs.get(RETRIED_FROM) == number for trial in trials):
        old = next(trial for trial in trials if trial.number == number)
        deaths = attempts_of(old.user_attrs) if attempts is None else attempts
        kept: dict[str, Value] = {
            name: old.user_attrs[name] for name in (UNPRUNED, PARTS) if name in old.user_attrs
        }
        kept |= {} if parts is None else {PARTS: parts}
        ledger.queue(parameters_of(old), {RETRIED_FROM: number, ATTEMPTS: deaths, **kept})
    ledger.fail(number, reason)


def repeat_lost(ledger: Ledger, numbers: Iterable[int], unwanted: frozenset[int]) -> list[int]:
    """Queue again running trials that nobody finishes any more.

    Args:
        ledger: Of the study.
        numbers: Of the trials.
        unwanted: Trials that somebody asked to prune; they are not queued again.

    Returns:
        The numbers of the trials that are queued again now.
    """
    repeated = list[int]()
    with suppress(TurnLost), ledger.turn():
        running = {trial.number for trial in ledger.trials(TrialState.RUNNING)}
        # What another coordinator has repeated while this one waited for its turn, runs no more.
        for number in (each for each in numbers if each in running):
            if number in unwanted:
                ledger.prune(number, ON_REQUEST)
            else:
                _repeat(ledger, number, COORDINATOR_ENDED)
                repeated.append(number)
    return repeated


def lost(lease: Lease, *, silent: bool) -> bool:
    """Whether nobody will finish a running trial any more that does not train here.

    Args:
        lease: Of the trial.
        silent: Whether it gave no sign of life for long, which decides for another machine.
    """
    # What an earlier run of this very process left, or what broke off while it was started.
    if is_here(lease) and lease.coordinator_pid == os.getpid():
        return True
    lives = alive(lease)
    return silent if lives is None else not lives


def repeated_by(number: int, trials: Iterable[FrozenTrial]) -> Iterator[int]:
    """The trials that a trial repeats, the last one first."""
    origins = {trial.number: trial.user_attrs.get(RETRIED_FROM) for trial in trials}
    origin = origins.get(number)
    while isinstance(origin, int):
        yield origin
        origin = origins.get(origin)


def attempts_of(attributes: Mapping[str, object]) -> int:
    """How many workers have died so far with the parameters of the trial of these attributes."""
    attempts = attributes.get(ATTEMPTS)
    return attempts if isinstance(attempts, int) else 0


def parts_of(attributes: Mapping[str, object]) -> int:
    """In how many parts the batches of the trial of these attributes pass."""
    parts = attributes.get(PARTS)
    return parts if isinstance(parts, int) else 1
