"""What the note on a study and on each trial says, as Markdown.

The dashboard renders HTML inside Markdown, so no text of a user goes into it as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from autoae.analysis.best import best_trials
from autoae.analysis.values import range_text
from autoae.spec.study import StudySpec
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.escaping import code, escaped
from autoae.views.numbers import clock, cost, figure

Command = Callable[[str], str]
"""From words, such as `study show small`, to the command that a person types."""


def study_note(study: StudySnapshot, spec: StudySpec, command: Command) -> str:
    """The question, the state and the space of a study.

    Args:
        study: At this moment.
        spec: The study file in force.
        command: Makes commands.
    """
    aims = ", ".join(f"{each.direction} `{each.metric}`" for each in study.objectives)
    paragraphs = [
        escaped(spec.settings.description),
        f"**State**: {_state(study)}",
        f"**Objective{'s' if len(study.objectives) > 1 else ''}**: {aims}",
        *_best(study),
        _table(("parameter", "values"), _space(spec)),
        _code(_study_commands(study, command)),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def trial_note(study: StudySnapshot, trial: TrialSnapshot, command: Command) -> str:
    """Network, figures, costs and the command that trains a trial again.

    Args:
        study: Of the trial.
        trial: Ended.
        command: Makes commands.
    """
    rows = [*_figures(study, trial), *_costs(trial)]
    paragraphs = [
        code(trial.notation) if trial.notation else "",
        _ending(trial),
        _table(("figure", "value"), rows),
        _code(_trial_commands(study, trial, command)),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _state(study: StudySnapshot) -> str:
    states = ("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING")
    counts = {state: sum(t.state == state for t in study.trials) for state in states}
    words = [f"{count} {state_word(state)}" for state, count in counts.items() if count]
    return f"{len(study.counted)} of {study.budget} trials done; {', '.join(words) or 'none yet'}"


def _best(study: StudySnapshot) -> Iterator[str]:
    for trial in best_trials(study, 1):
        values = zip(study.objectives, trial.values, strict=True)
        told = ", ".join(f"{aim.metric} {figure(value)}" for aim, value in values)
        word = "Best" if len(study.objectives) == 1 else "First of the front"
        yield f"**{word}**: trial {trial.number} with {told}: {code(trial.notation)}"


def _space(spec: StudySpec) -> Iterator[tuple[str, str]]:
    for name, domain in spec.domains().items():
        yield f"`{name}`", escape(range_text(domain), quote=False)


def _study_commands(study: StudySnapshot, command: Command) -> Iterator[tuple[str, str]]:
    yield command(f"study show {study.name}"), "the answer so far"
    yield command(f"study run {study.name}"), "go on, or go on again"
    yield command(f"study report {study.name}"), "all of it as one page"


def _ending(trial: TrialSnapshot) -> str:
    word = "refused before its first epoch" if trial.refused else state_word(trial.state)
    variant = f"variant {code(trial.variant)}, " if trial.variant else ""
    epochs = f", {trial.epochs} epochs" if trial.epochs else ""
    best = f", the best is epoch {trial.epoch}" if trial.epoch else ""
    seconds = f", {clock(trial.seconds)}" if trial.epochs else ""
    reason = f": {escaped(trial.reason)}" if trial.reason else ""
    again = f" It repeats trial {trial.retried_from}." if trial.retried_from is not None else ""
    return f"{variant}{word}{epochs}{best}{seconds}{reason}.{again}"


def _figures(study: StudySnapshot, trial: TrialSnapshot) -> Iterator[tuple[str, str]]:
    names = [objective.metric for objective in study.objectives]
    values = dict(zip(names, trial.values, strict=False)) | dict(sorted(trial.metrics.items()))
    for name, value in values.items():
        yield f"`{name}`{' (objective)' if name in names else ''}", cost(name, value)


def _costs(trial: TrialSnapshot) -> Iterator[tuple[str, str]]:
    for name, value in trial.costs.items():
        yield f"`{name}`", cost(name, value)


def _trial_commands(
    study: StudySnapshot, trial: TrialSnapshot, command: Command
) -> Iterator[tuple[str, str]]:
    place = f"{study.name} {trial.number}"
    if trial.configuration:
        seed = f", seed {trial.seed}" if trial.seed is not None else ""
        yield command(f"model train --from {study.name}:{trial.number}"), f"train it again{seed}"
    yield command(f"trial show {place}"), "all that is known of it"
    if trial.epochs:
        yield command(f"trial publish {place}"), "draw its pictures here"


def _table(heads: Sequence[str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [" | ".join(_cell(cell) for cell in row) for row in rows]
    rule = " | ".join("---" for _ in heads)
    return "\n".join(f"| {line} |" for line in (" | ".join(heads), rule, *lines)) if lines else ""


def _cell(content: str) -> str:
    """Text inside a table, in which a bar ends a cell."""
    return content.replace("|", "\\|")


def _code(commands: Iterable[tuple[str, str]]) -> str:
    lines = "\n".join(f"{line}  # {what}" for line, what in commands)
    return f"```sh\n{lines}\n```"
