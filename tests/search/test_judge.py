"""What the coordinator's judge makes of trials that a storage holds."""

from collections.abc import Iterator

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from autoae.search.judge import Judge, judge_for
from autoae.search.ledger import Ledger
from autoae.store.attributes import CURVE, REFUSED
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.search.support import tiny

OBJECTIVES = """\
objectives:
  - {metric: val_mse, direction: minimize}
  - {metric: params, direction: minimize}
  - {metric: latency_ms, direction: minimize}
"""


def ended(params: int, mse: float, final: float | None, **more: object) -> FrozenTrial:
    """A trial with a curve of one epoch; complete where it has a final error, else pruned."""
    curve = {"val_mse": [mse], "params": [params]}
    return create_trial(
        state=TrialState.PRUNED if final is None else TrialState.COMPLETE,
        values=None if final is None else [final, params, 1.0],
        user_attrs={CURVE: curve, **more},
    )


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """Of a study of small and large networks; the large ones are better."""
    storage = open_storage(url)
    study = create_study(storage, tiny(OBJECTIVES))
    study.add_trials(ended(100 + number, 0.8, 0.6) for number in range(8))
    study.add_trials(ended(10_000 + number, 0.2, 0.1) for number in range(30))
    # What was refused has no part in it, however good it looks.
    study.add_trials(ended(90, 0.0, None, **{REFUSED: True}) for _ in range(30))
    yield Ledger(storage, study)
    close_storage(storage)


def prunes(ledger: Ledger, params: float, mse: float) -> bool:
    """Whether a new trial is pruned after its first epoch."""
    judge: Judge = judge_for(tiny(OBJECTIVES), ledger)
    trial = ledger.study.ask()
    judge.epoch(trial, 1, {"val_mse": mse, "params": params, "flops": 1.0})
    return judge.prunes(trial, 1)


def test_a_small_network_is_compared_with_small_ones(ledger: Ledger) -> None:
    assert not prunes(ledger, 95, 0.79)
    assert prunes(ledger, 95, 0.95)


def test_a_large_network_is_compared_with_large_ones(ledger: Ledger) -> None:
    assert prunes(ledger, 10_010, 0.79)
    assert not prunes(ledger, 10_010, 0.19)


def test_what_the_front_offers_at_its_cost_counts(ledger: Ledger) -> None:
    # Its peers are no better, but a quarter of all trials have a better value for less.
    ledger.study.add_trials(ended(50_000 + number, 0.5, None) for number in range(20))
    assert prunes(ledger, 60_000, 0.5)
    assert not prunes(ledger, 60_000, 0.1)
