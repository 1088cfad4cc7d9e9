"""Published figures beside ours: what was measured how, and whether the figure holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from autoae.analysis.figures import figure_of
from autoae.analysis.groups import Group, Mean, mean_of
from autoae.analysis.ledger import Interval
from autoae.spec.metrics import KNOWN_BEFORE_TRAINING
from autoae.spec.names import nearest
from autoae.spec.protocol import SELECTED_ON_TEST, original_protocol
from autoae.spec.settings import Claim
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

Verdict = Literal["holds", "does not hold", "no evidence", "not comparable"]

FEWEST_SEEDS = 3
"""Seeds below which no verdict is given: an interval from two spans nearly everything."""

TestFigures = Mapping[int, Mapping[str, float]]
"""By trial, by metric; empty while the test split is sealed."""


@dataclass(frozen=True)
class ClaimCheck:
    """A published figure, and ours.

    Attributes:
        claim: As the study file has it.
        trials: Ours.
        ours: Their mean with its interval; None without one.
        single: Where 95 % of single further trainings of ours land; None for a single seed.
        verdict: Whether the published figure is one of those.
        reason: Why that is the verdict.
        differences: Between the protocol of the claim and ours.
    """

    claim: Claim
    trials: tuple[int, ...]
    ours: Mean | None
    single: Interval | None
    verdict: Verdict
    reason: str
    differences: tuple[str, ...]


def check_claims(
    study: StudySnapshot, spec: StudySpec, groups: Sequence[Group], test: TestFigures
) -> tuple[ClaimCheck, ...]:
    """Set every published figure of a study file beside ours.

    A published figure is nearly always that of one training. So it holds if it lies where 95 %
    of single trainings of ours land (a prediction interval of Student's t over our seeds, widened
    by what was lost in rounding), and does not hold if it lies outside, on either side.
    Parameters and operations are exact, and compared as such.

    Args:
        study: Its complete trials are ours.
        spec: The study file, with its claims and its profile.
        groups: The variants with their seeds.
        test: Figures of the test split, if it was opened.
    """
    claims = spec.settings.claims
    rows = {group.name: group.trials for group in groups}
    return tuple(_check(study, spec, claim, _trials(study, rows, claim), test) for claim in claims)


def _check(
    study: StudySnapshot,
    spec: StudySpec,
    claim: Claim,
    trials: Sequence[TrialSnapshot],
    test: TestFigures,
) -> ClaimCheck:
    known = [(each.number, _figure(study, each, claim.metric, test)) for each in trials]
    measured = [(number, value) for number, value in known if value is not None]
    ours = mean_of(value for _, value in measured)
    rounding = _rounding(claim, spec.settings.claims)
    verdict, reason = _verdict(claim, ours, rounding)
    if reduced := _reduced(spec, trials, claim.metric):
        verdict, reason = "not comparable", reduced
    elif ours is None:
        reason = _nothing(study, claim, trials)
    return ClaimCheck(
        claim,
        tuple(number for number, _ in measured),
        ours,
        ours.one_more() if ours else None,
        verdict,
        reason,
        tuple(_differences(claim, ours, rounding, trials)),
    )


def _trials(
    study: StudySnapshot, rows: Mapping[str, Sequence[TrialSnapshot]], claim: Claim
) -> Sequence[TrialSnapshot]:
    """The complete trials that a claim speaks of: a variant, or a trial by its number."""
    if claim.variant in rows:
        return rows[claim.variant]
    number = claim.variant.removeprefix("trial").strip()
    return [t for t in study.of_state("COMPLETE") if str(t.number) == number]


def _figure(
    study: StudySnapshot, trial: TrialSnapshot, metric: str, test: TestFigures
) -> float | None:
    return test.get(trial.number, {}).get(metric, figure_of(study, trial, metric))


def _verdict(claim: Claim, ours: Mean | None, rounding: float) -> tuple[Verdict, str]:
    if ours is None:
        return "no evidence", ""
    if claim.metric.endswith("accuracy") and claim.value > 1:
        return "not comparable", "published in per cent, ours is a share: divide the claim by 100"
    if claim.metric in KNOWN_BEFORE_TRAINING:
        return _exact(claim.value, ours.mean, rounding)
    reach = ours.one_more()
    if reach is None or ours.count < FEWEST_SEEDS:
        seeds = "1 seed" if ours.count == 1 else f"{ours.count} seeds"
        return "no evidence", f"{seeds} of ours; {FEWEST_SEEDS} are needed for an interval"
    within = f"95 % of single trainings: {reach.low:.4g} to {reach.high:.4g}"
    if reach.low - rounding <= claim.value <= reach.high + rounding:
        return "holds", f"inside {within}"
    side = "lower" if ours.mean < claim.value else "higher"
    return "does not hold", f"ours is {abs(ours.mean - claim.value):.2g} {side}, outside {within}"


def _exact(published: float, ours: float, rounding: float) -> tuple[Verdict, str]:
    if abs(published - ours) <= rounding:
        return "holds", "an exact count"
    return "does not hold", f"an exact count; ours differs by {ours - published:+,.4g}"


def _reduced(spec: StudySpec, trials: Iterable[TrialSnapshot], metric: str) -> str:
    """Why figures of a small run stand beside no published one; empty if they may."""
    if metric in KNOWN_BEFORE_TRAINING:
        return ""
    profile = spec.settings.profile
    quick = profile if profile not in (None, "full") else None
    images, epochs = (_option(spec, trials, *key) for key in _SIZE)
    if quick is None and images is None:
        return ""
    size = f"{images or 'all'} images, {epochs} epochs"
    return f"{quick} profile: {size}" if quick else f"data.limit: {size}"


_SIZE = (("data", "limit"), ("training", "epochs"))


def _option(spec: StudySpec, trials: Iterable[TrialSnapshot], section: str, key: str) -> object:
    """An option as the trials had it, else as the study file says."""
    sections = [trial.configuration.get(section) for trial in trials]
    for each in [*sections, spec.tree.get(section)]:
        if isinstance(each, dict) and each.get(key) is not None:
            return each[key]
    return None


def _nothing(study: StudySnapshot, claim: Claim, trials: Sequence[TrialSnapshot]) -> str:
    if trials and claim.metric.startswith("test_"):
        return "the test split is sealed: `autoae study evaluate` opens it"
    if trials:
        return f"our trials recorded no {claim.metric}"
    variants = {trial.variant for trial in study.trials if trial.variant}
    if variants and claim.variant not in variants:
        return f"there is no variant {claim.variant!r}; {nearest(claim.variant, variants)}"
    return f"no trial of {claim.variant!r} is complete"


def _differences(
    claim: Claim, ours: Mean | None, rounding: float, trials: Sequence[TrialSnapshot]
) -> Iterable[str]:
    """What differs between how the claim and how ours was measured."""
    if claim.protocol:
        yield claim.protocol
    if rounding and claim.metric not in KNOWN_BEFORE_TRAINING:
        yield f"published rounded, ±{rounding:.1g}"
    if ours is not None:
        yield f"ours: mean of {ours.count} seeds" if ours.count > 1 else "ours: one seed"
    labels = dict.fromkeys(original_protocol(trial.configuration) for trial in trials)
    yield from (f"ours: {label}" for label in labels if label)
    on_test = any(SELECTED_ON_TEST in label for label in labels)
    if claim.metric.startswith("val_") and not on_test:
        yield "ours on validation images, at the best epoch on them"


def _rounding(claim: Claim, claims: Iterable[Claim]) -> float:
    """Half a unit of the last digit that this source gives for this metric; 0 if unknown.

    A file says 0.072 where a table said .0720, so the finest figure of the table tells.
    """
    alike = [c for c in claims if (c.metric, c.source) == (claim.metric, claim.source)]
    counted = claim.metric in KNOWN_BEFORE_TRAINING
    places = [_last_digit(c.value) for c in alike if c.value and (counted or c.value % 1)]
    return 0.5 * 10.0 ** min(places) if places else 0.0


def _last_digit(value: float) -> int:
    """The place of the last digit that counts: -4 for 0.0158, 3 for 598,000."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent
