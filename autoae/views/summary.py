"""A study as an answer: the best trials, what mattered, the front, the files, what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autoae.analysis.best import best_trials
from autoae.analysis.figures import figure_of
from autoae.analysis.front import front, front_axes
from autoae.analysis.importance import Importance
from autoae.spec.metrics import COSTS
from autoae.store.evaluations import OpenedSplit
from autoae.store.reasons import failures
from autoae.store.snapshot import StudySnapshot
from autoae.views.board import state_word
from autoae.views.evaluation import figures_section
from autoae.views.numbers import cost
from autoae.views.tables import STATE_STYLES, best_table, number, pairs, section, table, wide

BEST = 5
"""Trials in the table of the best."""

_MOST = 10
"""Rows that the front and the importance show at most."""

_MOST_REASONS = 3
_SHARE_SHOWN = 0.005


@dataclass(frozen=True)
class Surroundings:
    """What a summary says beside the study itself.

    Attributes:
        question: The study file's description.
        files: Where things are: what, and its place.
        commands: What to type next: the command, and what for.
        split: The test split of the study, once it was opened.
        warnings: What makes its trials less comparable, one sentence each.
    """

    question: str
    files: Mapping[str, str]
    commands: Sequence[tuple[str, str]]
    split: OpenedSplit | None = None
    warnings: Sequence[str] = ()


def summary(
    study: StudySnapshot, importances: Iterable[Importance], around: Surroundings
) -> RenderableType:
    """The whole answer.

    Args:
        study: At this moment.
        importances: One for each objective; none where they would mean nothing.
        around: Question, files and next commands.
    """
    parts: list[RenderableType] = [_head(study, around.question)]
    parts += [Text(f"warning: {warning}", style="yellow") for warning in around.warnings]
    if study.of_state("COMPLETE"):
        parts += section("Best trials", best_table(study, best_trials(study, BEST)))
        for each in importances:
            parts += section(f"What mattered for {each.metric}", _importance(each))
        parts += _fronts(study)
        parts += figures_section(study, around.split, BEST) if around.split else []
    parts += _failed(study)
    if around.files:
        parts += section("Files", pairs(around.files.items()))
    return Group(*parts, *section("Next", pairs(around.commands)))


def counts(study: StudySnapshot) -> Text:
    """The trials by state, in one line."""
    states = ("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING")
    refused = sum(trial.refused for trial in study.trials)
    repeated = {trial.retried_from for trial in study.trials}
    again = [trial for trial in study.of_state("FAIL") if trial.number in repeated]
    line = Text(f"{len(study.counted)} of {study.budget} trials: ")
    parts = []
    for state in states:
        # What was interrupted and asked again has not failed.
        count = len(study.of_state(state)) - (len(again) if state == "FAIL" else 0)  # type: ignore[arg-type]
        if count:
            word = state_word(state)
            parts.append(Text(f"{count} {word}", style=STATE_STYLES[word]))
    if again:
        parts.append(Text(f"{len(again)} lost and asked again", style="dim"))
    line.append(Text(", ").join(parts) if parts else "none has started")
    line.append(f" ({refused} of them refused before training)" if refused else "")
    if study.paused is not None:
        line.append(f"; paused since {study.paused:%Y-%m-%d %H:%M}", style="yellow")
    return line


def _head(study: StudySnapshot, question: str) -> RenderableType:
    title = Text(study.name, style="bold")
    return Group(title, *([Text(" ".join(question.split()))] if question else []), counts(study))


def _importance(found: Importance) -> RenderableType:
    if found.problem is not None:
        return Text(found.problem, style="yellow")
    grid = Table.grid(padding=(0, 2, 0, 0))
    shown = [item for item in found.shares.items() if item[1] >= _SHARE_SHOWN][:_MOST]
    for name, share in shown:
        grid.add_row(name, ProgressBar(total=1, completed=share, width=24), f"{share:.0%}")
    rest = len(found.shares) - len(shown)
    basis = f"PED-ANOVA over {found.trials} complete trials: a hint, no proof"
    more = f"; {rest} more below {_SHARE_SHOWN:.1%}" if rest else ""
    return Group(grid, Text(basis + more, style="dim"))


def _failed(study: StudySnapshot) -> list[RenderableType]:
    """Why trials failed, the most frequent reasons."""
    found = failures(study.counted)
    if not found:
        return []
    rows = [
        (str(len(each.trials)), str(each.trials[0]), each.reason or "no reason was given")
        for each in found[:_MOST_REASONS]
    ]
    columns = [number("trials"), number("first"), wide("reason of the first one")]
    return section("Why trials failed", table(columns, rows))


def _fronts(study: StudySnapshot) -> list[RenderableType]:
    """The front of the objectives, and that of the first one against parameters."""
    metrics = [objective.metric for objective in study.objectives]
    axes = dict.fromkeys([front_axes(study), ("params", metrics[0])])
    parts: list[RenderableType] = []
    for x, y in axes:
        # A cost that is optimised is the price already.
        if x != y and not (parts and COSTS.keys() & set(metrics)):
            parts += _front(study, x, y)
    return parts


def _front(study: StudySnapshot, x: str, y: str) -> list[RenderableType]:
    trials = front(study, x, y)
    if not trials:
        return []
    columns = [number(x), number(y), number("trial"), wide("network")]
    rows = [
        [
            cost(x, figure_of(study, trial, x)),
            cost(y, figure_of(study, trial, y)),
            str(trial.number),
            trial.network,
        ]
        for trial in trials[:_MOST]
    ]
    more = [Text(f"and {len(trials) - _MOST} more", style="dim")] if len(trials) > _MOST else []
    return section(f"Front of {y} against {x}", Group(table(columns, rows), *more))
