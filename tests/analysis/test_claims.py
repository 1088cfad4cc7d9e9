"""Published figures beside ours, and the verdicts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoae.analysis.claims import FEWEST_SEEDS, ClaimCheck, check_claims
from autoae.analysis.groups import groups
from autoae.spec.domains import Value
from autoae.spec.settings import Claim
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from tests import studies
from tests.snapshots import study as small_study
from tests.snapshots import trial

VALUES = (0.90, 0.92, 0.91, 0.915, 0.905)
NO_TEST: dict[int, dict[str, float]] = {}


def _spec(*claims: Claim, profile: str | None = None, limit: int | None = None) -> StudySpec:
    spec = studies.spec(studies.LIST, "list")
    changes = {"claims": claims, "profile": profile}
    data: dict[str, Value] = {"dataset": "digits", "limit": limit}
    settings = spec.settings.model_copy(update=changes)
    return replace(spec, settings=settings, tree={**spec.tree, "data": data})


def _study(*values: float) -> StudySnapshot:
    made = [
        replace(
            trial(number, value, params={"variant": "baseline", "seed": number}),
            variant="baseline",
        )
        for number, value in enumerate(values)
    ]
    return small_study(made)


def _claim(value: float, metric: str = "val_accuracy", variant: str = "baseline") -> Claim:
    return Claim(variant=variant, metric=metric, value=value, source="a paper, table 1")


def _check(study: StudySnapshot, claim: Claim, *others: Claim) -> ClaimCheck:
    return check_claims(study, _spec(claim, *others), groups(study), NO_TEST)[0]


@pytest.mark.parametrize(
    ("published", "verdict"), [(0.91, "holds"), (0.93, "holds"), (0.5, "does not hold")]
)
def test_a_figure_holds_where_single_trainings_land(published: float, verdict: str) -> None:
    check = _check(_study(*VALUES), _claim(published))
    assert check.verdict == verdict
    assert check.trials == (0, 1, 2, 3, 4)
    assert check.ours is not None
    assert check.single is not None
    assert check.ours.interval is not None
    # One training spreads wider than the mean of five.
    assert check.single.low < check.ours.interval.low < check.ours.mean == pytest.approx(0.91)


def test_which_side_a_figure_misses_is_said() -> None:
    assert "higher" in _check(_study(*VALUES), _claim(0.5)).reason
    assert "lower" in _check(_study(*VALUES), _claim(0.9999)).reason


@pytest.mark.parametrize("seeds", [1, FEWEST_SEEDS - 1])
def test_few_seeds_are_no_evidence(seeds: int) -> None:
    check = _check(_study(*VALUES[:seeds]), _claim(0.5))
    assert check.verdict == "no evidence"
    assert f"{FEWEST_SEEDS} are needed" in check.reason


def test_parameters_are_compared_exactly_whatever_the_seeds() -> None:
    study = _study(VALUES[0])
    assert _check(study, _claim(1000, "params")).verdict == "holds"
    assert _check(study, _claim(1001, "params")).verdict == "does not hold"
    # Published in thousands, a count is only known to half a thousand.
    assert _check(study, _claim(1_400_000, "flops")).verdict == "does not hold"
    assert _check(small_study([_variant(1_234.0)]), _claim(1200, "params")).verdict == "holds"


def _variant(parameters: float) -> TrialSnapshot:
    made = trial(0, 0.9, params={"variant": "baseline", "seed": 0}, parameters=parameters)
    return replace(made, variant="baseline")


def test_rounding_is_that_of_the_finest_figure_of_the_table() -> None:
    exact = _study(0.0720, 0.0720, 0.0720)
    # .0724 was rounded to four digits, as .0718 beside it shows: it is another figure.
    coarse, fine = _claim(0.072), _claim(0.0718)
    assert _check(exact, coarse, fine).verdict == "holds"
    assert _check(exact, _claim(0.0724), fine).verdict == "does not hold"
    assert "published rounded, ±5e-05" in _check(exact, coarse, fine).differences
    assert "published rounded, ±0.0005" in _check(exact, coarse).differences


@pytest.mark.parametrize(("profile", "limit"), [("quick", None), ("quick", 4000), (None, 4000)])
def test_a_small_run_is_not_compared(profile: str | None, limit: int | None) -> None:
    study, spec = _study(*VALUES), _spec(_claim(0.5), profile=profile, limit=limit)
    check = check_claims(study, spec, groups(study), NO_TEST)[0]
    assert check.verdict == "not comparable"
    assert f"{limit or 'all'} images, 8 epochs" in check.reason
    assert ("quick profile" in check.reason) == (profile is not None)
    assert check.ours is not None  # It is shown, though without a verdict.


def test_a_small_run_has_the_same_parameters() -> None:
    study, spec = _study(*VALUES), _spec(_claim(1000, "params"), profile="quick")
    assert check_claims(study, spec, groups(study), NO_TEST)[0].verdict == "holds"


def test_the_full_profile_is_comparable() -> None:
    study, spec = _study(*VALUES), _spec(_claim(0.91), profile="full")
    assert check_claims(study, spec, groups(study), NO_TEST)[0].verdict == "holds"


def test_test_figures_stay_sealed_until_they_are_opened() -> None:
    study, claim = _study(*VALUES), _claim(0.9, "test_accuracy")
    assert "sealed" in _check(study, claim).reason
    opened = {number: {"test_accuracy": value} for number, value in enumerate(VALUES)}
    check = check_claims(study, _spec(claim), groups(study), opened)[0]
    assert (check.verdict, check.trials) == ("holds", (0, 1, 2, 3, 4))


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (_claim(0.9, variant="basline"), "did you mean 'baseline'?"),
        (_claim(0.9, metric="val_psnr"), "recorded no val_psnr"),
        (_claim(91.0), "per cent"),
    ],
)
def test_why_nothing_can_be_said(claim: Claim, expected: str) -> None:
    check = _check(_study(*VALUES), claim)
    assert check.verdict in ("no evidence", "not comparable")
    assert expected in check.reason


def test_a_claim_may_speak_of_a_trial_by_its_number() -> None:
    found = small_study([trial(0, 0.9), trial(1, 0.8)])
    for name in ("1", "trial 1"):
        check = check_claims(found, _spec(_claim(0.8, variant=name)), (), NO_TEST)[0]
        assert check.trials == (1,)


def test_how_the_protocols_differ_is_said() -> None:
    claim = _claim(0.91).model_copy(update={"protocol": "selected on test"})
    differences = _check(_study(*VALUES), claim).differences
    assert differences[0] == "selected on test"
    assert any("mean of 5 seeds" in each for each in differences)
    assert any("validation images" in each for each in differences)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=8), st.floats(-1, 2))
def test_a_verdict_agrees_with_its_interval(values: list[float], published: float) -> None:
    check = _check(_study(*values), _claim(published))
    assert check.ours is not None
    assert check.single is not None
    if published > 1:
        assert check.verdict == "not comparable"
    elif check.single.low <= published <= check.single.high:
        assert check.verdict == "holds"
