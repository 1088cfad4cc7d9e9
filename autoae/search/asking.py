"""The next trial: from the queue, from a plan, or from the sampler."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from optuna.trial import FrozenTrial, Trial, TrialState

from autoae.search.ledger import Ledger
from autoae.search.plans import Plan
from autoae.spec.config import Configuration
from autoae.spec.domains import Choices, Domain, FloatRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.attributes import UNPRUNED
from autoae.store.leases import Lease
from autoae.store.queueing import parameters_of


@dataclass(frozen=True)
class Proposal:
    """What a trial that was started is to train.

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
        self._settled = 0

    def start(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        """Start the next trial; this coordinator has its turn.

        Args:
            lease: Who runs it.
            trials: Those of the study, of which the waiting ones come first.

        Returns:
            The trial, or None where a plan has no more.
        """
        return self._queued(lease, trials) or self._new(lease, trials)

    def propose(self, trial: Trial, trials: Sequence[FrozenTrial]) -> Proposal:
        """Let the sampler choose what a trial trains, which may take it a second.

        Args:
            trial: As it was started.
            trials: Those of the study.
        """
        wanted = {each.number for each in trials if each.user_attrs.get(UNPRUNED) is True}
        try:
            with self._ledger.still(trials):
                configuration = self._spec.configuration(Chooser(trial))
            return Proposal(trial, configuration, unpruned=trial.number in wanted)
        except (SpecError, ValueError) as reason:
            return Proposal(trial, None, str(reason))

    def _queued(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        waiting = (trial for trial in trials if trial.state == TrialState.WAITING)
        claims = (self._ledger.claim(each.number, lease) for each in waiting)
        return next((trial for trial in claims if trial), None)

    def _new(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        if self._plan is None:
            return self._ledger.create(lease)
        params = self._plan.next([parameters_of(trial) for trial in self._unsettled(trials)])
        return None if params is None else self._ledger.create(lease, params)

    def _unsettled(self, trials: Sequence[FrozenTrial]) -> Sequence[FrozenTrial]:
        """The trials that may have other parameters than when they were looked at last."""
        found = trials[self._settled :]
        ended = takewhile(lambda trial: trial.state.is_finished(), found)
        self._settled += sum(1 for _ in ended)
        return found


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
