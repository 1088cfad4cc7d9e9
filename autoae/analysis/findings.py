"""What to do with an answer: what to use, what not to bother with, what stays open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autoae.analysis.answer_knobs import ledger_claims
from autoae.analysis.confirmation import Candidate
from autoae.analysis.evidence import Evidence, TestOpening
from autoae.analysis.groups import mean_figure, mean_of
from autoae.analysis.ledger import Effect, Ledger
from autoae.analysis.sentences import Sentence, listed, number, plural
from autoae.analysis.winner import Winner, winner
from autoae.spec.metrics import KNOWN_BEFORE_TRAINING
from autoae.store.snapshot import StudySnapshot, TrialSnapshot


@dataclass(frozen=True)
class Findings:
    """Statements to act on, each with its trials and interval.

    Attributes:
        use: What to take, and which settings earn their keep.
        skip: What has shown no effect, and how large one could have been missed.
        unsettled: What these trials do not tell.
    """

    use: tuple[Sentence, ...]
    skip: tuple[Sentence, ...]
    unsettled: tuple[Sentence, ...]


def findings(evidence: Evidence) -> Findings:
    """What follows from a study and from those that follow it.

    An ablation speaks of the knobs where there is one, for it compares with the same seeds; else
    the trials of the search do.

    Args:
        evidence: Everything that was found out.
    """
    best = winner(evidence.study, evidence.following.again)
    if best is None:
        return Findings((), (), (Sentence("No trial is complete, so nothing is known yet."),))
    ledger = evidence.following.ablation or evidence.ledger
    effects = _on_objectives(evidence, ledger)
    return Findings(
        use=(*_winner(evidence, best), *_tested(evidence, best), *_claims(evidence, ledger)),
        skip=tuple(_skipped(ledger, effects)),
        unsettled=(*_rivals(evidence, best), *_open_knobs(ledger, effects), *_undone(evidence)),
    )


def _winner(evidence: Evidence, best: Winner) -> Iterator[Sentence]:
    study, again = evidence.study, evidence.following.again
    trial = study.trials[best.trial]
    size = f" with {trial.costs['params']:,.0f} parameters" if "params" in trial.costs else ""
    yield Sentence(
        f"Use trial {best.trial}{size}: {trial.network}.", (best.trial,), None, best.rule
    )
    for objective in study.objectives:
        if again is not None and best.again:
            yield from _confirmed(again, best, objective.metric)


def _confirmed(again: StudySnapshot, best: Winner, metric: str) -> Iterator[Sentence]:
    mean = mean_figure(again, best.again, metric)
    if mean is not None and (mean.interval is None or mean.interval.low < mean.interval.high):
        seeds = plural(mean.count, "new seed")
        text = f"Over {seeds} it reaches {metric} {number(mean.mean)} on validation images."
        basis = f"Student's t over {seeds}, in {again.name}"
        yield Sentence(text, _numbers(best.again), mean.interval, basis)


def _tested(evidence: Evidence, best: Winner) -> Iterator[Sentence]:
    """The figures of the winner on the test images, if they were looked at."""
    opening, trials = evidence.following.opening, best.again
    if opening is None or not trials:
        opening, trials = evidence.opening, (evidence.study.trials[best.trial],)
    for objective in evidence.study.objectives:
        name = objective.metric.replace("val_", "test_", 1)
        if opening is not None and name.startswith("test_"):
            yield from _test_figure(opening, trials, name)


def _test_figure(
    opening: TestOpening, trials: Sequence[TrialSnapshot], name: str
) -> Iterator[Sentence]:
    figures = [opening.figures.get(trial.number, {}) for trial in trials]
    mean = mean_of(each[name] for each in figures if name in each)
    if mean is not None:
        text = f"On test images it reaches {name} {number(mean.mean)} over "
        text += f"{plural(mean.count, 'seed')}."
        times = "once" if opening.count == 1 else f"{opening.count} times"
        yield Sentence(text, _numbers(trials), mean.interval, f"the split was opened {times}")


def _claims(evidence: Evidence, ledger: Ledger) -> Iterator[Sentence]:
    """What changes the figures: to keep where every change hurts, to take where one helps."""
    for objective in evidence.study.objectives:
        for effect in ledger_claims(ledger, objective.metric):
            if effect.kind == "level":
                yield _claim(ledger, effect)


def _claim(ledger: Ledger, effect: Effect) -> Sentence:
    assert effect.estimate is not None
    hurts, against = effect.verdict == "hurts", effect.reference or "the rest"
    advice = f"Keep {effect.knob} at {against}" if hurts else f"Set {effect.knob} to {effect.level}"
    text = f"{advice}: {effect.level if hurts else 'that'} {effect.verdict} {effect.metric}, by "
    text += f"{effect.estimate:+.3g}."
    return Sentence(text, effect.trials, effect.interval, _basis(ledger, effect))


def _skipped(ledger: Ledger, effects: Sequence[Effect]) -> Iterator[Sentence]:
    """One sentence a knob and metric: no evidence, and what could have been missed."""
    for metric in dict.fromkeys(effect.metric for effect in effects):
        for knob, levels in _by_knob([each for each in effects if each.metric == metric]).items():
            if all(_shows_nothing(each) for each in levels):
                yield _no_evidence(ledger, knob, levels)


def _shows_nothing(effect: Effect) -> bool:
    """No evidence, not even by the effect's own interval, which no comparison is counted in."""
    own = effect.interval
    return effect.verdict == "no evidence" and (own is None or own.low <= 0 <= own.high)


def _no_evidence(ledger: Ledger, knob: str, levels: Sequence[Effect]) -> Sentence:
    widest = max(levels, key=lambda each: each.detectable or 0.0)
    text = f"No evidence that {knob} matters for {widest.metric}"
    if widest.detectable is not None:
        text += f"; an effect below {widest.detectable:.2g} could have been missed"
    trials = tuple(sorted({number for each in levels for number in each.trials}))
    basis = f"of {widest.level} against {widest.reference or 'the rest'}; {_basis(ledger, widest)}"
    return Sentence(f"{text}.", trials, widest.interval, basis)


def _open_knobs(ledger: Ledger, effects: Sequence[Effect]) -> Iterator[Sentence]:
    """Knobs of which too little is known for either."""
    if ledger.problem is not None:
        yield Sentence(f"What the knobs do is open: {ledger.problem}.")
    for metric in dict.fromkeys(effect.metric for effect in effects):
        doubtful: dict[str, list[Effect]] = {}
        for levels in _by_knob([each for each in effects if each.metric == metric]).values():
            first = next((e for e in levels if not e.is_claim and not _shows_nothing(e)), None)
            if first is not None and not any(each.is_claim for each in levels):
                doubtful.setdefault(_doubt(first), []).append(first)
        for reason, knobs in doubtful.items():
            text = f"Whether {_either(knobs)} matters for {metric} is open."
            trials = tuple(sorted({number for each in knobs for number in each.trials}))
            interval = knobs[0].interval if len(knobs) == 1 else None
            yield Sentence(text, trials, interval, f"{reason}; in {ledger.study}")


def _doubt(effect: Effect) -> str:
    if effect.verdict == "no evidence":
        return f"a hint that does not stand among {effect.comparisons} comparisons; more seeds tell"
    return effect.reason or effect.verdict


def _either(effects: Sequence[Effect]) -> str:
    names = [effect.knob for effect in effects]
    return names[0] if len(names) == 1 else f"any of {listed(names)}"


def _rivals(evidence: Evidence, best: Winner) -> Iterator[Sentence]:
    """The candidates that new seeds do not tell from the winner."""
    found, again = evidence.confirmation, evidence.following.again
    if not best.again or found is None or again is None:
        yield Sentence(
            f"Whether trial {best.trial} holds with new seeds is open: its figure is one of luck.",
            (best.trial,),
        )
        return
    own = next(each for each in found.candidates if each.trial == best.trial)
    near = [each for each in found.candidates if each is not own and _overlap(each, own)]
    if near:
        names = plural(len(near), "other candidate")
        text = f"{names} cannot be told from trial {best.trial} by {found.metric}: "
        text += f"{', '.join(f'trial {each.trial}' for each in near)}."
        basis = f"their intervals overlap with its own, in {again.name}"
        yield Sentence(text, tuple(each.trial for each in near), own.mean.interval, basis)


def _overlap(one: Candidate, other: Candidate) -> bool:
    first, second = one.mean.interval, other.mean.interval
    if first is None or second is None:
        return True
    return first.low <= second.high and second.low <= first.high


def _undone(evidence: Evidence) -> Iterator[Sentence]:
    if evidence.following.ablation is None and not evidence.spec.runs():
        text = "No ablation has varied one knob at a time: what the search says is observational."
        yield Sentence(text)
    if evidence.opening is None and evidence.following.opening is None:
        yield Sentence("The test split is sealed: nothing is known of images beyond validation.")
    if evidence.spec.settings.profile not in (None, "full"):
        profile = evidence.spec.settings.profile
        yield Sentence(f"The whole file was not trained, only its {profile} profile.")


def _on_objectives(evidence: Evidence, ledger: Ledger) -> list[Effect]:
    """The effects on what has to be trained to be known; parameters are counted, not estimated."""
    names = [objective.metric for objective in evidence.study.objectives]
    metrics = [name for name in names if name not in KNOWN_BEFORE_TRAINING]
    return [effect for metric in metrics for effect in ledger.of(metric) if effect.kind == "level"]


def _by_knob(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    found: dict[str, list[Effect]] = {}
    for effect in effects:
        found.setdefault(effect.knob, []).append(effect)
    return found


def _basis(ledger: Ledger, effect: Effect) -> str:
    paired = ledger.design == "paired"
    design = "paired seeds" if paired else "observational, no proof of cause"
    return f"{design}, {plural(effect.count, 'pair' if paired else 'trial')}, in {ledger.study}"


def _numbers(trials: Sequence[TrialSnapshot]) -> tuple[int, ...]:
    return tuple(sorted(trial.number for trial in trials))
