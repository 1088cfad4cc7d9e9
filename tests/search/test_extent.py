"""What a coordinator does not read of trials changes nothing about what it asks and prunes."""

from itertools import product
from math import log10
from pathlib import Path

import pytest
from optuna.trial import TrialState

from autoae.search.asking import Asker, Chooser
from autoae.search.ledger import Ledger
from autoae.search.pruners import PRUNERS
from autoae.search.run import equip
from autoae.search.samplers import SAMPLERS
from autoae.spec.study import StudySpec
from autoae.store.cached_rows import CachedRows
from autoae.store.leases import own_lease
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.search.support import tiny

EPOCHS = 5
# The others only carry out a plan.
DRAWING = [name for name in SAMPLERS if name not in ("grid", "list", "ablation")]
PAIRS = {*product(DRAWING, ["successive-halving"]), *product(["tpe", "random"], PRUNERS)}


@pytest.mark.parametrize(("method", "pruner"), sorted(PAIRS))
def test_it_is_the_same_search_as_with_everything_read(
    method: str, pruner: str, tmp_path: Path
) -> None:
    if package := SAMPLERS[method].package:
        pytest.importorskip(package)
    lean, whole = (
        searched(f"sqlite:///{tmp_path}/{name}.db", method, pruner, whole=name == "whole")
        for name in ("lean", "whole")
    )
    assert lean == whole
    assert {state for _, state in lean} >= {TrialState.COMPLETE}
    assert pruner == "none" or TrialState.PRUNED in {state for _, state in lean}


def test_a_trial_that_runs_keeps_no_study_of_its_own(url: str) -> None:
    # Optuna's studies remember all trials as they stood when somebody drew from them.
    storage = open_storage(url)
    spec = tiny()
    ledger = Ledger(storage, create_study(storage, spec))
    equip(ledger, spec)
    trial = ledger.create(own_lease(0, 1))
    assert trial.study is not ledger.study
    proposal = Asker(ledger, spec, None).propose(trial, ledger.trials())
    close_storage(storage)
    assert proposal.configuration is not None
    assert proposal.trial.study is ledger.study


def searched(
    url: str, method: str, pruner: str, *, whole: bool
) -> list[tuple[dict[str, object], TrialState]]:
    """Parameters and ends of trials whose learning curves are made up."""
    storage = open_storage(url)
    assert isinstance(storage, CachedRows)
    spec = tiny(f"search: {{method: {method}, pruner: {pruner}, trials: 30}}\n")
    ledger = Ledger(storage, create_study(storage, spec))
    equip(ledger, spec)
    storage.rows.extent = None if whole else storage.rows.extent
    ends = [_trained(ledger, spec) for _ in range(24)]
    close_storage(storage)
    return ends


def _trained(ledger: Ledger, spec: StudySpec) -> tuple[dict[str, object], TrialState]:
    trial = ledger.create(own_lease(0, 1))
    spec.configuration(Chooser(trial))
    error = 1 + (log10(trial.params["training.lr"]) + 2) ** 2 + trial.params["model.latent"] / 10
    for epoch in range(1, EPOCHS):
        trial.report(error / epoch, epoch)
        if trial.should_prune():
            ledger.prune(trial.number, "")
            return trial.params, TrialState.PRUNED
    ledger.complete(trial.number, [error / EPOCHS])
    return trial.params, TrialState.COMPLETE
