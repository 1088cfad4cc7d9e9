"""Run a study, or go on with it: the one entry to this room."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from optuna import Study
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage

from autoae.search.asking import Asker
from autoae.search.book import Book
from autoae.search.budget import used
from autoae.search.coordinator import Coordinator, Outcome
from autoae.search.ending import Watch
from autoae.search.interrupts import Interrupts
from autoae.search.judge import judge_for
from autoae.search.ledger import Ledger
from autoae.search.observer import Observer
from autoae.search.orders import Orders
from autoae.search.plans import Plan, plan_for
from autoae.search.pool import Pool
from autoae.search.preflight import check_data
from autoae.search.pruners import PRUNERS, largest_epochs, pruner_name
from autoae.search.retrying import parameters_of, recover
from autoae.search.samplers import sampler_for
from autoae.spec.study import StudySpec
from autoae.store.attributes import BUDGET, RUNS
from autoae.store.failures import storage_errors
from autoae.store.runs import run_root
from autoae.store.storage import close_storage, open_storage
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
    """

    workers: int = 1
    device: str | None = None
    timeout: float | None = None
    trials: int | None = None


def run_study(name: str, url: str, options: RunOptions, observer: Observer) -> Outcome:
    """Run a study until its budget is used up or something else ends it.

    What earlier runs left running and nobody trains any more is queued again first. Ctrl-C once
    lets running trials end their epoch and queues them again; twice kills the workers at once,
    and the next run queues their trials again.

    Args:
        name: Of a study in the storage.
        url: Of the storage.
        options: Of this run.
        observer: Is told what happens.

    Raises:
        StudyNotFound: There is none of that name.
        StorageError: The storage cannot be used, or its disk is full.
        SearchError: The search cannot begin, or cannot go on.
    """
    storage = open_storage(url)
    try:
        with storage_errors(url), warnings.catch_warnings():
            # Optuna's marks of what is young in it are no news to whoever runs a study.
            warnings.simplefilter("ignore", ExperimentalWarning)
            return _run(storage, load_study(storage, name), run_root(url), options, observer)
    finally:
        close_storage(storage)


def _run(
    storage: BaseStorage, study: Study, root: Path, options: RunOptions, observer: Observer
) -> Outcome:
    spec = study_spec(study)
    check_data(spec)
    _equip(study, spec)
    ledger = Ledger(storage, study)
    for number in recover(ledger):
        observer.log(f"trial {number} was left running by a run that has ended: queued again")
    budget, done = _budget(study, options), used(ledger.trials())
    observer.study_started(spec, budget, done)
    judge = judge_for(spec, ledger)
    book = Book(spec, ledger, judge, observer)
    timeout = options.timeout or spec.settings.search.timeout
    with Interrupts() as interrupts:
        coordinator = Coordinator(
            budget=budget,
            ledger=ledger,
            asker=Asker(ledger, spec, _plan(spec, ledger)),
            orders=Orders(spec, judge, root, options.device),
            book=book,
            pool=Pool(min(options.workers, max(1, budget - done)), interrupts.alarm),
            watch=Watch(interrupts, ledger, book.tally, timeout),
            interrupts=interrupts,
        )
        return coordinator.run()


def _equip(study: Study, spec: StudySpec) -> None:
    """Give the study its sampler and pruner, and count the run."""
    runs = study.user_attrs.get(RUNS, 0)
    study.sampler = sampler_for(spec, runs)
    study.pruner = PRUNERS[pruner_name(spec)].make(largest_epochs(spec))
    study.set_user_attr(RUNS, runs + 1)


def _budget(study: Study, options: RunOptions) -> int:
    if options.trials is not None:
        study.set_user_attr(BUDGET, options.trials)
    return study_budget(study)


def _plan(spec: StudySpec, ledger: Ledger) -> Plan | None:
    return plan_for(spec, [parameters_of(trial) for trial in ledger.trials()])
