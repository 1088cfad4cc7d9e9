"""The answer of a study in a few sentences, each with the trials and the interval it rests on."""

from collections.abc import Iterator, Sequence

from autoae.analysis.answer_checks import (
    claim_sentences,
    confirmation_sentences,
    opening_sentences,
    regularisation_sentences,
)
from autoae.analysis.answer_knobs import knob_sentences
from autoae.analysis.best import best_trials
from autoae.analysis.evidence import Evidence
from autoae.analysis.figures import figure_of
from autoae.analysis.front import front
from autoae.analysis.groups import Group, Mean, mean_figure
from autoae.analysis.sentences import Sentence, number, percent, plural, sampling
from autoae.spec.protocol import original_protocol
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

_NEAR = 0.05


def answer(evidence: Evidence) -> tuple[Sentence, ...]:
    """What a study says to its question, the most important first.

    Args:
        evidence: Everything that was found out.
    """
    study = evidence.study
    if not study.of_state("COMPLETE"):
        return (Sentence("No trial is complete, so there is no answer yet."), *_caveats(evidence))
    return (
        *confirmation_sentences(evidence.confirmation),
        *_best(evidence),
        *knob_sentences(evidence),
        *regularisation_sentences(evidence.groups),
        *claim_sentences(evidence.claims),
        *opening_sentences(evidence.opening),
        *_caveats(evidence),
    )


def _best(evidence: Evidence) -> Iterator[Sentence]:
    study = evidence.study
    if any(len(group.trials) > 1 for group in evidence.groups):
        yield from _best_groups(study, evidence.groups)
    elif len(study.objectives) > 1:
        yield _ends_of_front(study)
    else:
        yield _best_trial(study)
        yield from _smaller(study)


def _best_trial(study: StudySnapshot) -> Sentence:
    best, metric = best_trials(study, 1)[0], study.objectives[0].metric
    complete = len(study.of_state("COMPLETE"))
    interval, basis = sampling(best, metric, best.values[0])
    chosen = "chosen as the best, so its own figure flatters it" if complete > 1 else ""
    text = f"The best of {plural(complete, 'complete trial')} is trial {best.number} with "
    text += f"{metric} {number(best.values[0])}{_size(best, ' and')}{_network(best)}."
    return Sentence(text, (best.number,), interval, "; ".join(t for t in (basis, chosen) if t))


def _smaller(study: StudySnapshot) -> Iterator[Sentence]:
    """What the smallest network near the best one saves."""
    best, metric = best_trials(study, 1)[0], study.objectives[0].metric
    near = [trial for trial in front(study) if _is_near(trial, best)]
    if metric == "params" or "params" not in best.costs or not near:
        return
    small = near[0]
    share = small.costs["params"] / best.costs["params"]
    if small.number == best.number or share > 0.9:
        yield Sentence(
            f"No notably smaller network comes within {percent(_NEAR)} of it.", (best.number,)
        )
        return
    interval, basis = sampling(small, metric, small.values[0])
    text = f"The smallest network within {percent(_NEAR)} of it is trial {small.number}: {metric} "
    text += f"{number(small.values[0])} with {percent(share)} of its parameters{_network(small)}."
    yield Sentence(text, (small.number, best.number), interval, basis)


def _is_near(trial: TrialSnapshot, best: TrialSnapshot) -> bool:
    return abs(trial.values[0] - best.values[0]) <= _NEAR * abs(best.values[0])


def _ends_of_front(study: StudySnapshot) -> Sentence:
    names = [objective.metric for objective in study.objectives]
    trials = front(study, names[0], names[1])
    complete = plural(len(study.of_state("COMPLETE")), "complete trial")
    first, last = (_point(study, trial, names) for trial in (trials[0], trials[-1]))
    text = f"No single trial wins: {len(trials)} of {complete} make the front of {names[0]} and "
    text += f"{names[1]}, from {first} to {last}."
    if len(trials) == 1:
        text = f"Of {complete} one is best in both {names[0]} and {names[1]}: {first}."
    return Sentence(text, tuple(trial.number for trial in trials), None, "one seed, so no interval")


def _point(study: StudySnapshot, trial: TrialSnapshot, names: Sequence[str]) -> str:
    values = ", ".join(f"{name} {number(_value(study, trial, name))}" for name in names)
    return f"trial {trial.number} ({values})"


def _value(study: StudySnapshot, trial: TrialSnapshot, name: str) -> float:
    value = figure_of(study, trial, name)
    assert value is not None
    return value


def _best_groups(study: StudySnapshot, groups: tuple[Group, ...]) -> Iterator[Sentence]:
    for objective in study.objectives:
        known = [
            (group, mean)
            for group in groups
            if (mean := mean_figure(study, group.trials, objective.metric)) is not None
        ]
        sign = -1 if objective.direction == "maximize" else 1
        ranked = sorted(known, key=lambda each: sign * each[1].mean)
        yield _best_group(objective.metric, ranked[0], len(ranked))
        if len(ranked) > 1:
            last, worst = ranked[-1]
            text = f"The worst {objective.metric} is that of {last.name}: {number(worst.mean)}."
            yield Sentence(text, tuple(t.number for t in last.trials), worst.interval)


def _best_group(metric: str, best: tuple[Group, Mean], count: int) -> Sentence:
    group, mean = best
    seeds = plural(mean.count, "seed")
    text = f"The best mean {metric} of {plural(count, 'variant')} is that of {group.name}: "
    text += f"{number(mean.mean)} over {seeds}{_size(group.trials[0], ', with')}."
    basis = f"Student's t over {seeds}" if mean.interval else "one seed, so no interval"
    return Sentence(text, tuple(t.number for t in group.trials), mean.interval, basis)


def _size(trial: TrialSnapshot, word: str) -> str:
    params = trial.costs.get("params")
    return "" if params is None else f"{word} {params:,.0f} parameters"


def _network(trial: TrialSnapshot) -> str:
    return f": {trial.network}" if trial.notation else ""


def _caveats(evidence: Evidence) -> Iterator[Sentence]:
    """What the reader must know before taking any of it as settled."""
    study, spec = evidence.study, evidence.spec
    running = [t.number for t in study.trials if t.state in ("RUNNING", "WAITING")]
    failed = [t.number for t in study.of_state("FAIL")]
    if spec.settings.profile not in (None, "full"):
        text = f"These are figures of the {spec.settings.profile} profile: a first look, not to be "
        yield Sentence(text + "set beside published ones.")
    yield from _original_protocols(study)
    if running:
        are = "is" if len(running) == 1 else "are"
        text = f"{plural(len(running), 'trial')} {are} still running or waiting: "
        text += "the answer may change."
        yield Sentence(text, tuple(running))
    if failed:
        text = f"{plural(len(failed), 'trial')} failed and left no figure here."
        yield Sentence(text, tuple(failed))


def _original_protocols(study: StudySnapshot) -> Iterator[Sentence]:
    """Which trials took over what published code did, and honest comparisons do not."""
    labels: dict[str, list[int]] = {}
    for trial in study.of_state("COMPLETE"):
        if label := original_protocol(trial.configuration):
            labels.setdefault(label, []).append(trial.number)
    for label, trials in labels.items():
        text = f"{plural(len(trials), 'trial')} followed an {label}; not an honest comparison."
        yield Sentence(text, tuple(trials))
