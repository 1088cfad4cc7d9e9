"""What a reader should know of the trials behind a ledger, and how they were treated."""

from collections.abc import Iterator, Mapping, Sequence

from autoae.analysis.effects.arms import Arm
from autoae.analysis.effects.outcomes import ended, outcomes
from autoae.analysis.effects.sample import LARGEST
from autoae.analysis.effects.values import SEED, key_of
from autoae.analysis.ledger import Design, Effect
from autoae.analysis.sentences import number, plural
from autoae.analysis.values import value_text
from autoae.spec.domains import Choices, Domain
from autoae.store.snapshot import StudySnapshot, TrialSnapshot

_WORDS = {
    "COMPLETE": "complete",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "RUNNING": "running",
    "WAITING": "waiting",
}

_CORRECTION = (
    "P-values are corrected for the number of comparisons in the metric (Holm, 1979), and the "
    "verdict rests on the corrected ones; intervals are 95 % for each comparison alone."
)

_METHODS: Mapping[Design, tuple[str, ...]] = {
    "paired": (
        "Effects are mean differences between trials of the same seed, with Student's interval.",
        _CORRECTION,
        "Failed trials are left out with their pair, and a side that failed with more seeds is "
        "not called better.",
    ),
    "observational": (
        "Effects are observational: mean changes over the uniform space, estimated by universal "
        "kriging from trials that a sampler chose, and no proof of cause.",
        _CORRECTION,
        "The inert control is a knob that does nothing, of the same types as the real ones: "
        "effects inside its interval are of the size of noise.",
        "Failed trials are left out, and where they are more frequent stands in the notices.",
    ),
}


def states_of(study: StudySnapshot) -> dict[str, int]:
    """How many trials are complete, pruned, failed, refused, running or waiting."""
    words = [_word(trial) for trial in study.trials]
    order = (*_WORDS.values(), "refused")
    return {word: words.count(word) for word in order if word in words}


def _word(trial: TrialSnapshot) -> str:
    return "refused" if trial.refused else _WORDS[trial.state]


def method_of(design: Design, effects: Sequence[Effect]) -> tuple[str, ...]:
    """How the effects were computed, one sentence each."""
    pruned = (
        "Where trials were pruned, all are compared after the same epoch, the last one that each "
        "of them reached: neither a last value with a best one, nor only those that survived."
    )
    return (*_METHODS[design], *((pruned,) if any(e.epoch is not None for e in effects) else ()))


def common_notices(study: StudySnapshot, metrics: Sequence[str]) -> Iterator[str]:
    """What holds of every design."""
    states = states_of(study)
    unfinished = states.get("running", 0) + states.get("waiting", 0)
    if unfinished:
        trials = plural(unfinished, "trial")
        yield f"Left out, for they have not ended: {trials}; these effects may still move."
    if refused := states.get("refused", 0):
        yield (
            f"Refused before the first epoch: {plural(refused, 'trial')}; effects speak of "
            "networks that could be built within the limits."
        )
    for metric in metrics:
        yield from _figures(study, metric)


def _figures(study: StudySnapshot, metric: str) -> Iterator[str]:
    found = outcomes(study, ended(study), metric)
    values = set(found.values.values())
    if len(values) == 1 and len(found.values) > 1:
        yield f"{metric} is {number(next(iter(values)))} in every trial: nothing can act on it."
    missing = len(ended(study)) - len(found.values) - found.lost
    if missing and found.values:
        yield f"Left out for want of a finite {metric}: {plural(missing, 'trial')}."


def unrun_notices(domains: Mapping[str, Domain], arms: Sequence[Arm]) -> Iterator[str]:
    """The factors and variants of a list or an ablation of which no trial has finished."""
    finished = [arm.changes for arm in arms if arm.ended]
    for name, domain in domains.items():
        if name != SEED and isinstance(domain, Choices) and len(domain.values) > 1:
            run = {key_of(changes[name]) for changes in finished if name in changes}
            others = [label for label in domain.labels if key_of(label) not in run]
            if len(others) > 1 and not run:
                yield f"{name} never varied in trials that finished: run its other values."
            elif len(others) > 1:
                left = ", ".join(value_text(label) for label in others[1:])
                yield f"{name} has values of which no trial has finished: {left}."


def search_notices(study: StudySnapshot, effects: Sequence[Effect]) -> Iterator[str]:
    """What holds of a search."""
    epochs = {effect.metric: effect.epoch for effect in effects if effect.epoch is not None}
    longest = max((trial.epochs for trial in ended(study)), default=0)
    for metric, epoch in epochs.items():
        if epoch < longest:
            yield (
                f"Effects on {metric} are after epoch {epoch} of {longest}, the last one that all "
                "trials reached; for the end of training ablate, or search with `pruner: none`."
            )
    if len(ended(study)) > LARGEST:
        yield f"A random {LARGEST} of the {len(ended(study))} trials were analysed."
