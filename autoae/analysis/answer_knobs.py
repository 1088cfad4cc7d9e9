"""What an answer says about the knobs."""

from collections.abc import Iterator, Sequence

from autoae.analysis.evidence import Evidence
from autoae.analysis.importance import Importance
from autoae.analysis.ledger import Effect, Ledger
from autoae.analysis.sentences import Sentence, listed, number, percent, plural

MOST = 3
"""Effects on one metric that are told one by one."""

_FIRST = 3


def knob_sentences(evidence: Evidence) -> Iterator[Sentence]:
    """The effects that were found; without any, what the importance hints at."""
    ledger = evidence.ledger
    if ledger is not None:
        yield from _effects(ledger)
    if ledger is None or not ledger.claims:
        complete = tuple(trial.number for trial in evidence.study.of_state("COMPLETE"))
        for found in evidence.importances:
            yield from _importance(found, complete)


def _effects(ledger: Ledger) -> Iterator[Sentence]:
    if ledger.problem is not None:
        yield Sentence(f"The effects of the knobs are not known: {ledger.problem}.")
        return
    for metric in ledger.metrics:
        effects = [effect for effect in ledger.of(metric) if effect.kind != "inert"]
        found = sorted((e for e in effects if e.is_claim), key=_certainty)
        yield from (_claimed(ledger, effect) for effect in found[:MOST])
        yield from _more(metric, found[MOST:])
        yield from _none(metric, [e for e in effects if e.verdict == "no evidence"])


def _certainty(effect: Effect) -> tuple[float, float]:
    return (
        effect.corrected_p if effect.corrected_p is not None else 1.0,
        -abs(effect.estimate or 0),
    )


def _claimed(ledger: Ledger, effect: Effect) -> Sentence:
    assert effect.estimate is not None
    text = f"{effect.knob}: {effect.level} {effect.verdict} {effect.metric} against "
    text += f"{effect.reference or 'the rest'}, by {effect.estimate:+.3g}{_price(effect)}."
    design = "paired seeds" if ledger.design == "paired" else "observational, no proof of cause"
    basis = f"{design}; {plural(effect.count, 'pair' if ledger.design == 'paired' else 'trial')}"
    if effect.corrected_p is not None:
        basis += f", p {number(effect.corrected_p)} corrected for {effect.comparisons} comparisons"
    return Sentence(text, effect.trials, effect.interval, basis)


def _price(effect: Effect) -> str:
    """What it does to the parameters, where it changes them."""
    for change in effect.costs:
        if change.cost == "params" and change.relative and abs(change.relative) >= 0.01:
            return f", with {100 * change.relative:+.0f} % parameters"
    return ""


def _more(metric: str, effects: Sequence[Effect]) -> Iterator[Sentence]:
    if effects:
        knobs = list(dict.fromkeys(effect.knob for effect in effects))
        text = (
            f"{plural(len(effects), 'more effect')} on {metric}: see the ledger ({listed(knobs)})."
        )
        yield Sentence(text, _trials(effects))


def _none(metric: str, effects: Sequence[Effect]) -> Iterator[Sentence]:
    if effects:
        knobs = list(dict.fromkeys(effect.knob for effect in effects))
        text = f"No evidence of an effect on {metric} was found for {listed(knobs)}."
        found = [effect.detectable for effect in effects if effect.detectable is not None]
        basis = f"differences below {number(max(found))} could have been missed" if found else ""
        yield Sentence(text, _trials(effects), None, basis)


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
