"""Run a study, or go on with it: the one entry to this room."""

import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from optuna import Study
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from autoae.search.asking import Asker
from autoae.search.book import Book
from autoae.search.budget import Census
from autoae.search.coordinator import Coordinator, Outcome
from autoae.search.dispatch import Dispatcher
from autoae.search.ending import Enough, Watch
from autoae.search.errors import SearchError
from autoae.search.inbox import Inbox
from autoae.search.interrupts import Interrupts
from autoae.search.judge import Judge, judge_for
from autoae.search.keeper import Keeper, keeping
from autoae.search.launch import Launch, launch_process
from autoae.search.ledger import Ledger
from autoae.search.narrator import Narrator
from autoae.search.observer import Observer, Observers
from autoae.search.orders import Orders
from autoae.search.others import Others
from autoae.search.plans import plan_for
from autoae.search.pool import Pool
from autoae.search.preflight import check_data, check_weights
from autoae.search.pruners import PRUNERS, PrunerEntry, largest_epochs, pruner_name
from autoae.search.retrying import RETRIES
from autoae.search.samplers import SAMPLERS, run_seed, sampler_for
from autoae.search.stacking import Stacking
from autoae.search.surroundings import Surroundings
from autoae.spec.errors import UserError
from autoae.spec.study import StudySpec
from autoae.store.attributes import BUDGET, LEASE, REMEMBERED, RUNS
from autoae.store.evaluations import count_opening, openings_of
from autoae.store.failures import storage_errors
from autoae.store.log import StudyLog
from autoae.store.patience import Patience
from autoae.store.requests import Requests, requests_of
from autoae.store.row_reading import Extent
from autoae.store.runs import run_root, study_folder, trial_folder
from autoae.store.storage import close_storage, open_storage, sqlite_file
from autoae.store.studies import load_study, study_budget, study_spec

__all__ = ["Outcome", "RunOptions", "run_study"]


@dataclass(frozen=True)
class RunOptions:
    """What is said of one run rather than of the study.

    Attributes:
        workers: How many processes train.
        device: Where to train, or None: where the study file says.
        timeout: Seconds after which no trial starts, or None: as the study file says.
        trials: The budget of the study from now on, or None: as it is.
        tensorboard: Whether to write event files into the run folders.
        enough: Says why no further trial is needed; running ones still end.
        retries: How often a trial is tried again that was lost with its worker, its coordinator or
            the machine.
        joins: Whether the run is one of several: a study that is paused is waited for.
    """

    workers: int = 1
    device: str | None = None
    timeout: float | None = None
    trials: int | None = None
    tensorboard: bool = False
    enough: Enough | None = None
    retries: int = RETRIES
    joins: bool = False


def run_study(
    name: str,
    url: str,
    options: RunOptions,
    observer: Observer,
    *,
    launch: Launch = launch_process,
) -> Outcome:
    """Run a study until its budget is used up or something else ends it.

    What earlier runs left running and nobody trains any more is queued again first. Others may run
    the same study, here and on other machines: they share its budget, and the run does not end
    before theirs have, so that it can take over what they lose. A database server that is away is
    waited for, and so is room on a full disk. Ctrl-C once lets running trials end their epoch and
    queues them again; twice kills the workers at once, and the next run queues their trials again.

    Args:
        name: Of a study in the storage.
        url: Of the storage.
        options: Of this run.
        observer: Is told what happens.
        launch: Starts a worker.

    Raises:
        StudyNotFound: There is none of that name.
        StorageError: The storage cannot be used.
        SearchError: The study is paused, or the search cannot begin or go on.
    """
    root = run_root(url)
    narrator = Narrator(StudyLog(study_folder(root, name)))
    narrated = Observers(narrator, observer)
    storage = open_storage(url)
    patience = Patience(narrated.log, file=sqlite_file(url))
    patience.teach(storage)
    try:
        with storage_errors(url), warnings.catch_warnings():
            # Optuna's marks of what is young in it are no news to whoever runs a study.
            warnings.simplefilter("ignore", ExperimentalWarning)
            study = load_study(storage, name)
            try:
                with keeping(root, name, narrated) as keeper:
                    run = _Run(storage, study, patience, root, options, narrated, keeper, launch)
                    outcome = run.to_the_end()
            except UserError as error:
                narrator.study_ended(error.message)
                raise
            narrator.study_ended(outcome.stopped_because)
            return outcome
    finally:
        close_storage(storage)


@dataclass(frozen=True)
class _Run:
    storage: BaseStorage
    study: Study
    patience: Patience
    root: Path
    options: RunOptions
    narrated: Observer
    keeper: Keeper
    launch: Launch

    @property
    def observer(self) -> Observer:
        """Whoever is told what happens."""
        return Observers(self.narrated, self.keeper)

    def to_the_end(self) -> Outcome:
        # Read before anything takes time: a stop that is asked for meanwhile is meant for this run.
        requests = requests_of(self.study)
        if not self.options.joins:
            _check_not_paused(self.study.study_name, requests)
        spec = study_spec(self.study)
        check_data(spec)
        check_weights(spec)
        ledger = Ledger(self.storage, self.study, self.patience)
        seed = equip(ledger, spec)
        self._count_opening(spec)
        others = Others(ledger, self.observer, self.options.retries)
        others.look((), requests.prune)
        budget = _budget(self.study, self.options)
        self.observer.study_started(spec, budget, Census().used(ledger.trials()))
        with Interrupts() as interrupts:
            self.patience.interrupted = lambda: interrupts.asked
            inbox = Inbox(self.study, requests)
            outcome = self._coordinator(spec, ledger, others, seed, interrupts, inbox).run()
        self._sweep(ledger)
        return outcome

    def _sweep(self, ledger: Ledger) -> None:
        """Delete what trainings that were killed left half written, in this run or before it."""
        for trial in ledger.trials(TrialState.FAIL, TrialState.PRUNED):
            trial_folder(self.root, self.study.study_name, trial.number).sweep()

    def _count_opening(self, spec: StudySpec) -> None:
        """Take down, once, that trials will be selected on the test images."""
        if spec.selects_on_test and not openings_of(self.study):
            count_opening(self.study, datetime.now().astimezone())
            self.observer.log("trials are selected on test: that counts as an opening of the split")

    def _coordinator(
        self,
        spec: StudySpec,
        ledger: Ledger,
        others: Others,
        sampler_seed: int,
        interrupts: Interrupts,
        inbox: Inbox,
    ) -> Coordinator:
        judge = judge_for(spec, ledger)
        book = Book(spec, ledger, judge, self.observer, self.options.retries)
        timeout = self.options.timeout or spec.settings.search.timeout
        pool = Pool(self._size(ledger), interrupts.alarm, self.launch)
        surroundings = Surroundings(partial(check_data, spec), pool.size, self.observer.log)
        return Coordinator(
            epoch_timeout=spec.settings.search.epoch_timeout,
            dispatcher=Dispatcher(
                ledger=ledger,
                asker=Asker(ledger, spec, plan_for(spec)),
                orders=self._orders(spec, judge),
                book=book,
                pool=pool,
                stacking=Stacking(spec.settings.search.stack),
                sampler_seed=sampler_seed,
            ),
            book=book,
            pool=pool,
            surroundings=surroundings,
            watch=Watch(interrupts, inbox, book.tally, surroundings, timeout, self.options.enough),
            inbox=inbox,
            interrupts=interrupts,
            observer=self.observer,
            others=others,
        )

    def _orders(self, spec: StudySpec, judge: Judge) -> Orders:
        device, tensorboard = self.options.device, self.options.tensorboard
        return Orders(spec, judge, self.root, device, tensorboard, self.keeper)

    def _size(self, ledger: Ledger) -> int:
        """No more workers than trials are left."""
        left = Census().left(study_budget(self.study), ledger.trials())
        return min(self.options.workers, max(1, left))


def _check_not_paused(name: str, requests: Requests) -> None:
    if requests.paused is not None:
        raise SearchError(
            f"study {name!r} is paused since {requests.paused:%Y-%m-%d %H:%M}",
            hint=f"resume it first: autoae study resume {name}",
        )


def equip(ledger: Ledger, spec: StudySpec) -> int:
    """Give the study its sampler and pruner, and count the run; gives the sampler's seed."""
    study, pruner = ledger.study, PRUNERS[pruner_name(spec)]
    # Before anybody looks at the trials: of one that has ended nothing is read again.
    ledger.reads(_extent(spec, pruner))
    with ledger.turn():
        # Of coordinators that begin at the same moment, each is a run of its own.
        run = study.user_attrs.get(RUNS, 0)
        study.set_user_attr(RUNS, run + 1)
    study.sampler = sampler_for(spec, run)
    study.pruner = pruner.make(largest_epochs(spec))
    return run_seed(spec.settings.search.seed, run)


def _extent(spec: StudySpec, pruner: PrunerEntry) -> Extent:
    """What sampler, pruner and coordinator have to know of trials."""
    looks_back = SAMPLERS[spec.settings.search.method].looks_back
    leased = frozenset({LEASE})
    return Extent(leased, REMEMBERED, params=looks_back, curves=pruner.compares_curves)


def _budget(study: Study, options: RunOptions) -> int:
    if options.trials is not None:
        study.set_user_attr(BUDGET, options.trials)
    return study_budget(study)
