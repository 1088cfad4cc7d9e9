"""The next trial: from the queue, from a plan, or from the sampler."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from optuna.trial import FrozenTrial, Trial

from autoae.search.budget import Census
from autoae.search.ledger import Ledger
from autoae.search.plans import Params, Plan
from autoae.search.retrying import parts_of
from autoae.search.stacking import Like, shape_of
from autoae.spec.config import Configuration
from autoae.spec.domains import Choices, Domain, FloatRange, Value
from autoae.spec.errors import SpecError
from autoae.spec.study import StudySpec
from autoae.store.attributes import UNPRUNED
from autoae.store.leases import Lease
from autoae.store.queueing import parameters_of

AHEAD_FROM = 1000
"""Trials from which further ones are drawn ahead: a draw then takes about as long as the gap
between two trials may last, and what it misses are few results of a thousand."""


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
        self._shapes: dict[int, str | None] = {}
        self._settled = 0
        self._census = Census()

    def start(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        """Start the next trial; this coordinator has its turn.

        Args:
            lease: Who runs it.
            trials: Those of the study, of which the waiting ones come first.

        Returns:
            The trial, or None where a plan has no more.
        """
        return self._claimed(lease, self._census.waiting(trials)) or self._new(lease, trials)

    def start_like(self, lease: Lease, trials: Sequence[FrozenTrial], like: Like) -> Trial | None:
        """Start a trial that is trained beside another one; this coordinator has its turn.

        Args:
            lease: Who runs it.
            trials: Those of the study.
            like: What it has to have in common with the other.

        Returns:
            The trial, or None where there is none.
        """
        alike = [each for each in self._census.waiting(trials) if self._waits_like(each, like)]
        return self._claimed(lease, alike) or self._new_like(lease, trials, like)

    def start_ahead(
        self, lease: Lease, trials: Sequence[FrozenTrial], workers: int
    ) -> Trial | None:
        """Start a trial that is given to a worker later, where drawing it takes long.

        It is drawn with all that is known now, and misses the results of the trials that end
        before it is given to a worker. One a worker waits at most: so it misses no more of them
        than there are workers, beside those that run when any trial begins.

        Args:
            lease: Who draws it.
            trials: Those of the study.
            workers: How many may be free at once.

        Returns:
            The trial, or None where none is drawn: enough wait, or each is soon drawn.
        """
        if len(self._census.waiting(trials)) >= workers or not self.draws_ahead(len(trials)):
            return None
        return self._ledger.create(lease)

    def draws_ahead(self, count: int) -> bool:
        """Whether a study of so many trials is one of which further ones are drawn ahead."""
        return self._plan is None and count >= AHEAD_FROM

    def propose(self, trial: Trial, trials: Sequence[FrozenTrial]) -> Proposal:
        """Let the sampler choose what a trial trains, which may take it a second.

        Args:
            trial: As it was started.
            trials: Those of the study.
        """
        # One that was created just now is not among them.
        wanted = trial.number < len(trials) and trials[trial.number].user_attrs.get(UNPRUNED)
        try:
            with self._ledger.still(trials):
                configuration = self._spec.configuration(Chooser(trial))
            return Proposal(trial, configuration, unpruned=wanted is True)
        except (SpecError, ValueError) as reason:
            return Proposal(trial, None, str(reason))
        finally:
            # Its own one remembers all trials as they stood: with a thousand that run, megabytes.
            trial.study = self._ledger.study

    def _claimed(self, lease: Lease, waiting: Sequence[FrozenTrial]) -> Trial | None:
        claims = (self._ledger.claim(each.number, lease) for each in waiting)
        return next((trial for trial in claims if trial), None)

    def _new(self, lease: Lease, trials: Sequence[FrozenTrial]) -> Trial | None:
        if self._plan is None:
            return self._ledger.create(lease)
        params = self._plan.next(self._taken(trials))
        return None if params is None else self._ledger.create(lease, params)

    def _new_like(self, lease: Lease, trials: Sequence[FrozenTrial], like: Like) -> Trial | None:
        if self._plan is None:
            return self._ledger.create(lease, like.params) if like.drawn else None
        params = self._plan.next_of(like.key, self._taken(trials))
        return None if params is None else self._ledger.create(lease, params)

    def _waits_like(self, trial: FrozenTrial, like: Like) -> bool:
        return parts_of(trial.user_attrs) == 1 and self._shape(trial) == like.key

    def _shape(self, trial: FrozenTrial) -> str | None:
        """Of a waiting trial, whose parameters stay; asked again for every companion."""
        if trial.number not in self._shapes:
            self._shapes[trial.number] = shape_of(self._spec, parameters_of(trial))
        return self._shapes[trial.number]

    def _taken(self, trials: Sequence[FrozenTrial]) -> list[Params]:
        """Of the trials that may have other parameters than when they were looked at last."""
        found = trials[self._settled :]
        ended = takewhile(lambda trial: trial.state.is_finished(), found)
        self._settled += sum(1 for _ in ended)
        return [parameters_of(trial) for trial in found]


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
