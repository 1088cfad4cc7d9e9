"""Tables for the terminal, all of one make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autoae.analysis.figures import figure_of
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import clock, cost

STATE_STYLES = {
    "complete": "green",
    "pruned": "yellow",
    "failed": "red",
    "running": "cyan",
    "waiting": "dim",
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        right: Whether its cells line up on the right, as numbers do.
        wide: Whether it takes the room that the others leave, on several lines if need be.
        width: In characters, less only where a wide one has to give way; as its cells need it
            unless given.
    """

    title: str
    right: bool = False
    wide: bool = False
    width: int | None = None


def words(title: str) -> Column:
    """A column of short words, never broken."""
    return Column(title)


def number(title: str) -> Column:
    """A column of numbers."""
    return Column(title, right=True)


def wide(title: str) -> Column:
    """A column of long text."""
    return Column(title, wide=True)


def table(columns: Iterable[Column], rows: Iterable[Sequence[RenderableType]]) -> RenderableType:
    """A table without lines: it reads well, and copies well.

    Args:
        columns: From left to right; without a single title there is no heading.
        rows: One cell for each column.
    """
    known = tuple(columns)
    made = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
        show_header=any(column.title for column in known),
    )
    for column in known:
        made.add_column(
            column.title,
            # Rich never narrows a column of a fixed width.
            width=None if column.wide else column.width,
            min_width=column.width if column.wide else None,
            justify="right" if column.right else "left",
            no_wrap=not column.wide,
            overflow="fold",
            style="cyan" if column.title == "network" else None,
        )
    for row in rows:
        # Text as it stands: a list in brackets is no markup.
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def pairs(items: Iterable[tuple[str, str]]) -> RenderableType:
    """Names and what belongs to them, in two columns."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in items:
        grid.add_row(Text(name), Text(value))
    return grid


def section(title: str, content: RenderableType) -> list[RenderableType]:
    """A blank line, a heading, and its content set in."""
    # Not to the full width: files would get lines that end in blanks.
    inner = Padding(content, (0, 0, 0, 2), expand=False)
    return [Text(), Text(title, style="bold underline"), inner]


def styled_state(state: str) -> Text:
    """The word for a state, in its colour."""
    word = state_word(state)
    return Text(word, style=STATE_STYLES[word])


def best_table(study: StudySnapshot, trials: Iterable[TrialSnapshot]) -> RenderableType:
    """Complete trials with their values, costs and networks."""
    shown = tuple(trials)
    metrics = [objective.metric for objective in study.objectives]
    costs = [] if "params" in metrics else ["params"]
    lists = any(trial.variant for trial in shown)
    columns = [
        number("trial"),
        *([words("variant")] if lists else []),
        *(number(metric) for metric in metrics),
        *(number(name) for name in costs),
        number("epoch"),
        wide("network"),
    ]
    rows = [
        [
            str(trial.number),
            *([trial.variant or ""] if lists else []),
            *(cost(*pair) for pair in zip(metrics, trial.values, strict=True)),
            *(cost(name, trial.costs.get(name)) for name in costs),
            "–" if trial.epoch is None else f"{trial.epoch}/{trial.epochs}",
            trial.network,
        ]
        for trial in shown
    ]
    return table(columns, rows)


def trials_table(study: StudySnapshot, trials: Iterable[TrialSnapshot]) -> RenderableType:
    """Trials of any state; a lost one with its reason."""
    metrics = [objective.metric for objective in study.objectives]
    costs = [] if "params" in metrics else ["params"]
    columns = [number("trial"), words("state"), *(number(name) for name in metrics)]
    columns += [*map(number, costs), number("epochs"), number("time"), wide("network")]
    rows: list[list[RenderableType]] = [
        [
            str(trial.number),
            styled_state(trial.state),
            *(cost(name, figure_of(study, trial, name)) for name in metrics),
            *(cost(name, trial.costs.get(name)) for name in costs),
            str(trial.epochs),
            clock(trial.seconds),
            _network(trial),
        ]
        for trial in trials
    ]
    return table(columns, rows)


def _network(trial: TrialSnapshot) -> Text:
    text = Text(trial.network)
    if trial.reason:
        text.append("\n" if trial.network else "").append(trial.reason, style="not dim yellow")
    return text
