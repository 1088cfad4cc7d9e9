"""The next trial: from the queue, from a plan, or from the sampler."""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, Trial, TrialState

from autoae.search.ledger import Ledger
from autoae.search.plans import Plan
from autoae.spec.config import Configuration
from autoae.spec.domains import Choices, Domain, FloatRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.attributes import UNPRUNED
from autoae.store.leases import Lease

AHEAD_FROM = 1000
"""Trials from which one is drawn ahead: a draw then takes about as long as the gap between two
trials may last, and the one result that it misses is one of a thousand."""


@dataclass(frozen=True)
class Proposal:
    """A trial that was asked for and is running now.

    Attributes:
        trial: Its parameters are set.
        configuration: What to train, or None where the parameters describe nothing.
        refusal: Why they describe nothing.
        unpruned: Whether its pruner shall leave it alone.
    """

    trial: Trial
    configuration: Configuration | None
    refusal: str = ""
    unpruned: bool = False


class Asker:
    """Asks for the trials of one study.

    Args:
        ledger: Of the study.
        spec: The study file.
        plan: The trials to run, where they are known beforehand.
    """

    def __init__(self, ledger: Ledger, spec: StudySpec, plan: Plan | None) -> None:
        self._ledger = ledger
        self._spec = spec
        self._plan = plan

    def ask(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Proposal | None:
        """Start the next trial.

        Args:
            lease: Who runs it.
            trials: Those of the study, of which the waiting ones have their turn first.

        Returns:
            The trial, or None where a plan has no more.
        """
        trial = self._queued(lease, trials) or self._new(lease)
        if trial is None:
            return None
        wanted = {each.number for each in trials if each.user_attrs.get(UNPRUNED) is True}
        return self._proposal(trial, unpruned=trial.number in wanted)

    def ahead(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Proposal | None:
        """Draw the trial that is asked for next, and queue it, where drawing it takes long.

        It is drawn with all that is known now; the trials that run count as the sampler counts
        them. The one after it is not drawn before it runs: so a draw misses the result of one
        trial, that of the worker which gets it, and never more.

        Args:
            lease: Who draws it.
            trials: Those of the study.

        Returns:
            The trial, or None where none is drawn: it is known, or soon drawn when it is needed.
        """
        waits = any(each.state == TrialState.WAITING for each in trials)
        if waits or self._plan is not None or len(trials) < AHEAD_FROM:
            return None
        proposal = self._proposal(self._ledger.create(lease))
        if proposal.configuration is not None:
            self._ledger.postpone(proposal.trial.number)
        return proposal

    def _proposal(self, trial: Trial, *, unpruned: bool = False) -> Proposal:
        try:
            configuration = self._spec.configuration(Chooser(trial))
            return Proposal(trial, configuration, unpruned=unpruned)
        except (SpecError, ValueError) as reason:
            return Proposal(trial, None, str(reason))

    def _queued(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        waiting = (trial for trial in trials if trial.state == TrialState.WAITING)
        claims = (self._ledger.claim(each.number, lease) for each in waiting)
        return next((trial for trial in claims if trial), None)

    def _new(self, lease: Lease) -> Trial | None:
        if self._plan is None:
            return self._ledger.create(lease)
        params = self._plan.next()
        return None if params is None else self._ledger.create(lease, params)


class Chooser:
    """Asks a trial for the value of each parameter that applies."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def __call__(self, key: str, domain: Domain) -> Value:
        """The value that sampler or queue give to a parameter."""
        trial = self._trial
        if isinstance(domain, Choices):
            return domain.value_of(trial.suggest_categorical(key, domain.labels))
        if isinstance(domain, FloatRange):
            low, high = domain.low, domain.high
            return trial.suggest_float(key, low, high, log=domain.log, step=domain.step)
        return trial.suggest_int(key, domain.low, domain.high, log=domain.log, step=domain.step)
