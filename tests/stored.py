"""Made-up studies in a real storage, with the files that their trials would have left."""

from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from autoae.spec.domains import Choices, Domain, IntRange
from autoae.spec.study import StudySpec
from autoae.store import attributes
from autoae.store.runs import run_root
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.views.report.conftest import write_run


def store(url: str, spec: StudySpec, study: StudySnapshot) -> None:
    """Put a study into a storage, and write the run folders of its complete trials.

    Args:
        url: Of the storage; created.
        spec: The study file.
        study: Its trials; those that have not ended are left out.
    """
    storage = open_storage(url)
    ended = [trial for trial in study.trials if trial.state not in ("RUNNING", "WAITING")]
    create_study(storage, spec).add_trials([_trial(spec, trial) for trial in ended])
    close_storage(storage)
    for trial in ended:
        if trial.state == "COMPLETE":
            write_run(run_root(url), spec.name, trial.number)


def _trial(spec: StudySpec, trial: TrialSnapshot) -> optuna.trial.FrozenTrial:
    domains = spec.domains()
    several = len(spec.objectives) > 1
    complete = trial.state == "COMPLETE"
    made = optuna.trial.create_trial(
        state=TrialState[trial.state],
        values=list(trial.values) if complete else None,
        params=dict(trial.params),
        distributions={name: _distribution(domains[name]) for name in trial.params},
        user_attrs=_attributes(trial, several=several),
        intermediate_values={} if several else dict(trial.curve),
    )
    made.datetime_start, made.datetime_complete = trial.started, trial.finished
    return made


def _attributes(trial: TrialSnapshot, *, several: bool) -> dict[str, Any]:
    found: dict[str, Any] = {**trial.metrics, **trial.costs}
    found[attributes.NOTATION] = trial.notation
    found[attributes.SEED] = trial.seed
    found[attributes.EPOCH], found[attributes.EPOCHS] = trial.epoch, trial.epochs
    found[attributes.REASON], found[attributes.REFUSED] = trial.reason, trial.refused
    found[attributes.CONFIGURATION] = dict(trial.configuration)
    if several:
        found[attributes.CURVE] = {
            name: [value for _, value in curve] for name, curve in trial.curves.items()
        }
    return found


def _distribution(domain: Domain) -> BaseDistribution:
    if isinstance(domain, Choices):
        return CategoricalDistribution(domain.labels)
    if isinstance(domain, IntRange):
        return IntDistribution(int(domain.low), int(domain.high), log=domain.log)
    return FloatDistribution(domain.low, domain.high, log=domain.log)
