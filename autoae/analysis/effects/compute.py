"""From a snapshot to its ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autoae.analysis.effects.arms import find_arms, find_baseline, is_paired
from autoae.analysis.effects.failures import failure_notices
from autoae.analysis.effects.knobs import Knob
from autoae.analysis.effects.notices import (
    common_notices,
    method_of,
    search_notices,
    states_of,
    unrun_notices,
)
from autoae.analysis.effects.observational import observational_effects
from autoae.analysis.effects.outcomes import ended, metrics_of
from autoae.analysis.effects.paired import paired_effects
from autoae.analysis.effects.sample import knobs_of
from autoae.analysis.ledger import Design, Effect, Ledger
from autoae.analysis.values import value_text
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
    paired = is_paired(domains, baseline)
    ledger = _empty(snapshot, "paired" if paired else "observational")
    recorded = metrics_of(snapshot)
    metrics = recorded if metric is None else (metric,)
    if problem := _problem(snapshot, recorded, metrics):
        return replace(ledger, problem=problem)
    if paired:
        before = find_baseline(snapshot, domains, baseline)
        return _paired(replace(ledger, baseline=before), snapshot, domains, metrics)
    return _observational(ledger, snapshot, knobs_of(domains), metrics)


def _empty(study: StudySnapshot, design: Design) -> Ledger:
    return Ledger(
        study=study.name,
        design=design,
        baseline={},
        metrics=(),
        effects=(),
        states=states_of(study),
        seeds=(),
        method=(),
        notices=(),
        problem=None,
    )


def _problem(study: StudySnapshot, recorded: Sequence[str], metrics: Sequence[str]) -> str | None:
    if not ended(study):
        counts = ", ".join(f"{count} {word}" for word, count in states_of(study).items())
        return f"no trial has finished yet ({counts or 'there are none'})"
    if unknown := [metric for metric in metrics if metric not in recorded]:
        return f"no trial recorded {unknown[0]}; there are {', '.join(recorded)}"
    return None


def _paired(
    ledger: Ledger, study: StudySnapshot, domains: Mapping[str, Domain], metrics: Sequence[str]
) -> Ledger:
    arms, baseline = find_arms(study, ledger.baseline), ledger.baseline
    if arms[0].changes or not arms[0].ended:
        setting = ", ".join(f"{name} {value_text(value)}" for name, value in baseline.items())
        problem = f"no trial of the baseline has finished ({setting}); run it first"
        return replace(ledger, problem=problem)
    if len(arms) == 1:
        problem = "only the baseline was run; a variant to compare with it is needed"
        return replace(ledger, problem=problem)
    found = paired_effects(study, arms, metrics)
    notices = (*common_notices(study, metrics), *unrun_notices(domains, arms))
    return replace(_filled(ledger, found), seeds=tuple(arms[0].ended), notices=notices)


def _observational(
    ledger: Ledger, study: StudySnapshot, knobs: Sequence[Knob], metrics: Sequence[str]
) -> Ledger:
    found = observational_effects(study, knobs, metrics)
    notices = (
        *common_notices(study, metrics),
        *search_notices(study, found),
        *failure_notices(study, knobs),
    )
    problem = None if found else _nothing_varied(study, knobs, metrics)
    return replace(_filled(ledger, found), notices=notices, problem=problem)


def _nothing_varied(
    study: StudySnapshot, knobs: Sequence[Knob], metrics: Sequence[str]
) -> str | None:
    if not knobs:
        return "the study searches nothing; a range in its file is needed"
    if len(ended(study)) == 1:
        return "one trial alone has finished, which can be compared with nothing"
    return f"{', '.join(metrics)} did not differ between trials, so nothing can have acted on it"


def _filled(ledger: Ledger, found: Sequence[Effect]) -> Ledger:
    return replace(
        ledger,
        metrics=tuple(dict.fromkeys(effect.metric for effect in found)),
        effects=tuple(found),
        method=method_of(ledger.design, found),
    )
