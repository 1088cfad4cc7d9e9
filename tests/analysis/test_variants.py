"""Figures of variants over their seeds, and how soon a curve comes near its best."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.analysis.figures import epochs_to_within, figure_of
from autoae.analysis.groups import groups
from autoae.analysis.variants import names_of, variant_figures
from autoae.spec.metrics import Direction
from autoae.store.snapshot import TrialSnapshot
from tests.snapshots import study, trial

CURVE = ((1, 0.2), (2, 0.1009), (3, 0.102), (4, 0.1), (5, 0.11))


def of_variant(number: int, variant: str, seed: int, value: float) -> TrialSnapshot:
    made = trial(number, value, params={"variant": variant, "seed": seed})
    return replace(
        made,
        metrics={"val_bce": value, "val_bce_excess": value - 0.05, "val_psnr": 20.0},
        costs={**made.costs, "seconds": 10.0 * (seed + 1)},
        curves={"val_bce": tuple((e, v * value / 0.1) for e, v in CURVE)},
    )


def test_every_figure_is_a_mean_over_the_seeds() -> None:
    trials = [
        of_variant(0, "wide", 0, 0.1),
        of_variant(1, "narrow", 0, 0.3),
        of_variant(2, "wide", 1, 0.2),
    ]
    found = study(trials, "val_bce")
    wide, narrow = variant_figures(found, groups(found))
    assert (wide.name, wide.trials, narrow.trials) == ("wide", (0, 2), (1,))
    assert wide.figures["val_bce_excess"].mean == pytest.approx(0.1)
    assert wide.figures["seconds"].mean == 15.0
    assert wide.figures["epochs_to_1_percent"].mean == 2
    assert narrow.figures["params"].interval is None
    names = names_of([wide, narrow])
    assert names[:2] == ("val_bce", "val_bce_excess")
    assert "val_psnr" not in names


def test_a_variant_without_a_complete_trial_has_no_figures() -> None:
    broken = replace(of_variant(0, "wide", 0, 0.1), state="FAIL", values=())
    found = study([broken], "val_bce")
    (wide,) = variant_figures(found, groups(found))
    assert (wide.trials, wide.missing, dict(wide.figures)) == ((), 1, {})


@pytest.mark.parametrize(
    ("direction", "curve", "epoch"),
    [
        ("minimize", CURVE, 2),
        ("maximize", ((1, 0.5), (2, 0.985), (3, 0.991), (4, 1.0)), 3),
        ("minimize", ((1, -0.9), (2, -0.995), (3, -1.0)), 2),
        ("minimize", ((1, 0.0),), 1),
        ("minimize", (), None),
    ],
)
def test_the_first_epoch_within_one_percent(
    direction: Direction, curve: tuple[tuple[int, float], ...], epoch: int | None
) -> None:
    assert epochs_to_within(curve, direction, 0.01) == epoch


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_no_curve_comes_near_its_best_after_the_best(values: list[float], share: float) -> None:
    curve = tuple(enumerate(values, start=1))
    found = epochs_to_within(curve, "minimize", share)
    assert found is not None
    assert found <= values.index(min(values)) + 1
    assert epochs_to_within(curve, "minimize", 0.0) == values.index(min(values)) + 1


def test_the_derived_figure_is_of_the_first_objective() -> None:
    known = trial(0, 0.1, 1000.0)
    curves = {"val_mse": ((1, 0.5), (2, 0.1)), "val_bce": ((1, 0.1), (2, 0.1))}
    found = study([replace(known, curves=curves)], "val_mse", "val_bce")
    assert figure_of(found, found.trials[0], "epochs_to_1_percent") == 2
    assert figure_of(study([known], "val_mse"), known, "epochs_to_1_percent") is None
