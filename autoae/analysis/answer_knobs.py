"""What an answer says about the knobs and their settings."""

from collections.abc import Iterator, Sequence

from autoae.analysis.evidence import Evidence
from autoae.analysis.importance import Importance
from autoae.analysis.ledger import Effect, Ledger
from autoae.analysis.sentences import Sentence, listed, percent, plural
from autoae.analysis.setting_counts import Setting, SettingCounts

MOST = 3
"""Effects on one metric that are told one by one."""

_FIRST = 3
_NAMED = 5


def knob_sentences(evidence: Evidence) -> Iterator[Sentence]:
    """The effects on the objectives; without any, what the importance hints at."""
    ledger = evidence.ledger
    metrics = [o.metric for o in evidence.study.objectives if o.metric in ledger.metrics]
    if ledger.problem is not None:
        yield Sentence(f"The effects of the knobs are not known: {ledger.problem}.")
    for metric in metrics:
        yield from _effects(ledger, metric)
    if not any(ledger_claims(ledger, metric) for metric in metrics):
        complete = tuple(trial.number for trial in evidence.study.of_state("COMPLETE"))
        for found in evidence.importances:
            yield from _importance(found, complete)
    yield from _settings(evidence.settings)


def ledger_claims(ledger: Ledger, metric: str) -> list[Effect]:
    """What helps or hurts a metric, the surest first."""
    found = [effect for effect in ledger.of(metric) if effect.is_claim and effect.kind != "inert"]
    return sorted(found, key=_certainty)


def _effects(ledger: Ledger, metric: str) -> Iterator[Sentence]:
    found = ledger_claims(ledger, metric)
    yield from (_claimed(ledger, effect) for effect in found[:MOST])
    yield from _more(metric, found[MOST:])
    unclaimed = [e for e in ledger.of(metric) if e.kind == "level" and not e.is_claim]
    claimed = {effect.knob for effect in found}
    yield from _none(metric, [e for e in unclaimed if e.knob not in claimed])


def _certainty(effect: Effect) -> tuple[float, float]:
    return (
        effect.corrected_p if effect.corrected_p is not None else 1.0,
        -abs(effect.estimate or 0),
    )


def _claimed(ledger: Ledger, effect: Effect) -> Sentence:
    assert effect.estimate is not None
    figure = f"{effect.metric}{_when(effect)}"
    text = f"{effect.knob}: {effect.level} {effect.verdict} {figure} against "
    text += f"{effect.reference or 'the rest'}, by {effect.estimate:+.3g}{_price(effect)}."
    design = "paired seeds" if ledger.design == "paired" else "observational, no proof of cause"
    basis = f"{design}; {plural(effect.count, 'pair' if ledger.design == 'paired' else 'trial')}"
    if effect.corrected_p is not None:
        basis += f", p {effect.corrected_p:.2g} corrected for {effect.comparisons} comparisons"
    return Sentence(text, effect.trials, effect.interval, basis)


def _price(effect: Effect) -> str:
    """What it does to the parameters, where it changes them."""
    for change in effect.costs:
        if change.cost == "params" and change.relative and abs(change.relative) >= 0.01:
            return f", with {100 * change.relative:+.0f} % parameters"
    return ""


def _more(metric: str, effects: Sequence[Effect]) -> Iterator[Sentence]:
    if effects:
        text = f"{plural(len(effects), 'more effect')} on {metric}, of {_knobs(effects)}."
        yield Sentence(text, _trials(effects), None, "in the knob ledger")


def _none(metric: str, effects: Sequence[Effect]) -> Iterator[Sentence]:
    """The knobs without an effect, and those that could not be judged."""
    looked = [effect for effect in effects if effect.verdict == "no evidence"]
    if looked:
        what = f"No evidence of an effect on {metric}{_when(looked[0])}"
        text = f"{what} was found for {_knobs(looked)}."
        yield Sentence(text, _trials(looked), None, _missed(looked))
    known = {effect.knob for effect in looked}
    rest = [effect for effect in effects if effect.knob not in known]
    if rest:
        text = f"Too few trials speak of {_knobs(rest)} to tell an effect on {metric}."
        yield Sentence(text, _trials(rest), None, rest[0].reason)


def _missed(effects: Sequence[Effect]) -> str:
    """What could have been missed, in words."""
    found = sorted(effect.detectable for effect in effects if effect.detectable is not None)
    if not found:
        return ""
    ends = dict.fromkeys(f"{value:.2g}" for value in (found[0], found[-1]))
    return f"differences below {' to '.join(ends)} could have been missed"


def _when(effect: Effect) -> str:
    """The epoch of the figures, where pruned trials count that had no more."""
    return "" if effect.epoch is None else f" after epoch {effect.epoch}"


def _knobs(effects: Sequence[Effect]) -> str:
    names = list(dict.fromkeys(effect.knob for effect in effects))
    return listed(names) if len(names) <= _NAMED else f"{len(names)} knobs"


def _trials(effects: Sequence[Effect]) -> tuple[int, ...]:
    return tuple(sorted({number for effect in effects for number in effect.trials}))


def _importance(found: Importance, complete: tuple[int, ...]) -> Iterator[Sentence]:
    if found.problem is not None:
        yield Sentence(f"What mattered for {found.metric} is not known: {found.problem}.", complete)
        return
    first = [f"{name} ({percent(share)})" for name, share in list(found.shares.items())[:_FIRST]]
    text = (
        f"The best trials stand out most in {listed(first)} for {found.metric}: a hint, no proof."
    )
    yield Sentence(text, complete, None, "PED-ANOVA, which has no interval")


def _settings(counts: SettingCounts) -> Iterator[Sentence]:
    """What worked and what did not, as the best trials have it."""
    often, never = counts.standing_out("often"), counts.standing_out("never")
    best = f"the best fifth by {counts.metric}"
    basis = f"counted over {counts.complete} trials, beyond chance each for itself; no proof"
    if often:
        named = [_counted(each, f"{each.among_best} of {len(counts.best)}") for each in often]
        yield Sentence(f"Often in {best}: {_some(named)}.", counts.best, None, basis)
    if never:
        named = [_counted(each, f"0 of its {plural(each.trials, 'trial')}") for each in never]
        yield Sentence(f"Never in {best}: {_some(named)}.", (), None, basis)


def _counted(setting: Setting, count: str) -> str:
    return f"{setting.knob} {setting.value} ({count})"


def _some(named: Sequence[str]) -> str:
    """The first ones by name, the others by their number."""
    more = [f"{len(named) - _NAMED} more"] if len(named) > _NAMED else []
    return listed([*named[:_NAMED], *more])
