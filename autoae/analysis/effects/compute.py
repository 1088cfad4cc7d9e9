"""From a snapshot to its ledger."""

from collections.abc import Mapping, Sequence

from autoae.analysis.effects.arms import find_arms, find_baseline, is_paired
from autoae.analysis.effects.failures import failure_notices
from autoae.analysis.effects.notices import (
    common_notices,
    method_of,
    search_notices,
    states_of,
)
from autoae.analysis.effects.observational import observational_effects
from autoae.analysis.effects.outcomes import ended, metrics_of
from autoae.analysis.effects.paired import paired_effects
from autoae.analysis.effects.sample import knobs_of
from autoae.analysis.effects.values import shown
from autoae.analysis.ledger import Design, Effect, Ledger
from autoae.spec.domains import Domain, Value
from autoae.store.snapshot import StudySnapshot


def effects(
    snapshot: StudySnapshot,
    domains: Mapping[str, Domain],
    *,
    baseline: Mapping[str, Value] | None = None,
    metric: str | None = None,
) -> Ledger:
    """What each knob did to each metric, with intervals, corrected p-values, costs and verdicts.

    A list or an ablation, told by its parameter `seed` or `variant` or by a baseline given, is
    compared seed by seed; everything else is a search, and its effects are observational. The
    same snapshot always gives the same ledger. `docs/effects.md` has every method with its
    source and its measured error rates.

    Args:
        snapshot: Of the study; complete and pruned trials count, failed ones are told beside.
        domains: Every parameter that can occur, by name, in the order of the study file.
        baseline: The setting that the others are compared with, without its seed; the first
            variant of a list and the first of all `values` of an ablation unless given.
        metric: The only one to look at; every recorded one unless given.

    Returns:
        The ledger; where nothing can be said, its `problem` says why and what would be needed.
    """
    recorded = metrics_of(snapshot)
    metrics = recorded if metric is None else (metric,)
    problem = _problem(snapshot, recorded, metrics)
    if is_paired(domains, baseline):
        return _paired(snapshot, find_baseline(snapshot, domains, baseline), metrics, problem)
    return _observational(snapshot, domains, metrics, problem)


def _problem(study: StudySnapshot, recorded: Sequence[str], metrics: Sequence[str]) -> str | None:
    if not ended(study):
        return f"no trial has finished yet ({_counts(study)})"
    if unknown := [metric for metric in metrics if metric not in recorded]:
        return f"no trial recorded {unknown[0]}; there are {', '.join(recorded)}"
    return None


def _counts(study: StudySnapshot) -> str:
    return ", ".join(f"{count} {word}" for word, count in states_of(study).items()) or "none"


def _paired(
    study: StudySnapshot, baseline: dict[str, Value], metrics: tuple[str, ...], problem: str | None
) -> Ledger:
    arms = find_arms(study, baseline)
    if problem is None and (not arms or arms[0].changes or not arms[0].ended):
        setting = ", ".join(f"{name} {shown(value)}" for name, value in baseline.items())
        problem = f"no trial of the baseline has finished ({setting}); run it first"
    if problem is None and len(arms) == 1:
        problem = "only the baseline was run; a variant to compare with it is needed"
    found = paired_effects(study, arms, metrics) if problem is None else ()
    notices = tuple(common_notices(study, metrics)) if problem is None else ()
    seeds = tuple(arms[0].ended) if problem is None else ()
    return _ledger(study, "paired", found, (problem, notices), (baseline, seeds))


def _observational(
    study: StudySnapshot,
    domains: Mapping[str, Domain],
    metrics: tuple[str, ...],
    problem: str | None,
) -> Ledger:
    knobs = knobs_of(domains)
    found = observational_effects(study, knobs, metrics) if problem is None else ()
    notices: tuple[str, ...] = ()
    if problem is None:
        notices = (
            *common_notices(study, metrics),
            *search_notices(study, found),
            *failure_notices(study, knobs),
        )
    if problem is None and not found:
        problem = notices[0] if notices else "nothing varied"
    return _ledger(study, "observational", found, (problem, notices), ({}, ()))


def _ledger(
    study: StudySnapshot,
    design: Design,
    found: tuple[Effect, ...],
    said: tuple[str | None, tuple[str, ...]],
    compared: tuple[Mapping[str, Value], tuple[int, ...]],
) -> Ledger:
    (problem, notices), (baseline, seeds) = said, compared
    return Ledger(
        study=study.name,
        design=design,
        baseline=baseline,
        metrics=tuple(dict.fromkeys(effect.metric for effect in found)),
        effects=found,
        states=states_of(study),
        seeds=seeds,
        method=method_of(design, found),
        notices=notices,
        problem=problem,
    )
