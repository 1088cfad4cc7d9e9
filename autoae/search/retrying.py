"""Trials that ended through no fault of their own are queued again, with the same parameters."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from optuna.trial import FrozenTrial, TrialState

from autoae.search.ledger import Ledger
from autoae.spec.domains import Value
from autoae.store.attributes import ATTEMPTS, LEASE, PARTS, RESUMED, RETRIED_FROM, UNPRUNED
from autoae.store.leases import Lease, alive, is_here, lease_from
from autoae.store.queueing import parameters_of
from autoae.store.turns import TurnLost

COORDINATOR_ENDED = "coordinator ended"
ON_REQUEST = "pruned on request"
INTERRUPTED = "interrupted"
RETRIES = 2
"""How often a trial is tried again that was lost with its worker, its coordinator or the machine,
unless a run says something else."""


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
        attempts: How many were lost with these parameters; as before unless given.
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


def repeat_lost(
    ledger: Ledger, numbers: Iterable[int], unwanted: frozenset[int], retries: int = RETRIES
) -> dict[int, str]:
    """Queue again running trials that nobody finishes any more.

    Args:
        ledger: Of the study.
        numbers: Of the trials.
        unwanted: Trials that somebody asked to prune; they are not queued again.
        retries: How often a trial is tried again that was lost; then it has failed.

    Returns:
        What became of each that was lost, in words, by its number.
    """
    found = dict[int, str]()
    with suppress(TurnLost), ledger.turn():
        running = {trial.number: trial for trial in ledger.trials(TrialState.RUNNING)}
        # What another coordinator has repeated while this one waited for its turn, runs no more.
        for number in (each for each in numbers if each in running):
            if number in unwanted:
                ledger.prune(number, ON_REQUEST)
            else:
                found[number] = _again(ledger, running[number], retries)
    return found


def _again(ledger: Ledger, trial: FrozenTrial, retries: int) -> str:
    lease = lease_from(trial.user_attrs.get(LEASE))
    told_to_stop = lease is not None and lease.leaving
    attempts = attempts_with(trial, ledger.trials()) - told_to_stop
    if attempts > retries:
        ledger.fail(trial.number, counted(COORDINATOR_ENDED, attempts))
        return f"failed after {attempts} attempts"
    _repeat(ledger, trial.number, COORDINATOR_ENDED, attempts)
    return "queued again"


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


def repeated_by(number: int, trials: Sequence[FrozenTrial]) -> Iterator[int]:
    """The trials that a trial repeats, the last one first.

    Args:
        number: Of the trial; one that was created since then repeats none.
        trials: Those of the study, by number.
    """
    while number < len(trials):
        origin = trials[number].user_attrs.get(RETRIED_FROM)
        if not isinstance(origin, int):
            return
        yield origin
        number = origin


def attempts_with(lost: FrozenTrial, trials: Sequence[FrozenTrial]) -> int:
    """How many attempts at the parameters of a trial were lost, together with this one.

    An attempt that began further than all before it, from a later epoch's checkpoint, begins the
    count anew: so a long training comes to its end on machines that are taken away every hour, and
    one that dies at the same place each time is given up.

    Args:
        lost: The trial.
        trials: Those of the study, by number.
    """
    before = [_resumed(trials[number]) for number in repeated_by(lost.number, trials)]
    got_on = _resumed(lost) > max(before, default=0)
    return 1 if got_on else attempts_of(lost.user_attrs) + 1


def counted(reason: str, attempts: int) -> str:
    """Why the last attempt failed, and which it was."""
    return f"{reason} ({attempts} attempts)" if attempts > 1 else reason


def attempts_of(attributes: Mapping[str, object]) -> int:
    """How many attempts were lost before the trial of these attributes."""
    attempts = attributes.get(ATTEMPTS)
    return attempts if isinstance(attempts, int) else 0


def _resumed(trial: FrozenTrial) -> int:
    epochs = trial.user_attrs.get(RESUMED)
    return epochs if isinstance(epochs, int) else 0


def parts_of(attributes: Mapping[str, object]) -> int:
    """In how many parts the batches of the trial of these attributes pass."""
    parts = attributes.get(PARTS)
    return parts if isinstance(parts, int) else 1
