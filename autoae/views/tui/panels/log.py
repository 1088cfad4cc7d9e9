"""What happened, the newest first: from the storage, and what the runs on this machine said."""

from dataclasses import dataclass
from datetime import datetime

from rich.text import Text
from textual.app import ComposeResult

from autoae.store.snapshot import TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import cost
from autoae.views.tui.looks import STATE_COLORS, STATE_MARKS, style_of
from autoae.views.tui.panels.panel import Panel, Recipe, is_better
from autoae.views.tui.rows import Cell, Column, Rows, Table
from autoae.views.tui.source import StudyView


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Attributes:
        at: When, local time.
        trial: To which trial, or None.
        state: What it is by then.
        text: In words.
    """

    at: datetime
    trial: int | None
    state: str
    text: str


class LogPanel(Panel):
    """Starts and ends of trials, and of runs."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = ()

    def compose(self) -> ComposeResult:
        """A table."""
        yield Rows(id="log-rows")

    def recipe(self) -> Recipe:
        """The same for everybody."""
        return entries_of

    def show(self, made: tuple[Entry, ...]) -> None:
        """Show them."""
        self._entries = made
        keys = tuple((entry.trial, entry.state, entry.at) for entry in made)
        self.query_one(Rows).show(Table(_COLUMNS, keys, self._cells, "nothing has happened yet"))

    def trial(self) -> int | None:
        """That of the entry under the cursor."""
        key = self.query_one(Rows).key
        return key[0] if isinstance(key, tuple) else None

    def _cells(self, index: int) -> list[Cell]:
        entry = self._entries[index]
        style = style_of(self.app, STATE_COLORS.get(entry.state, ""))
        word = "started" if entry.state == "running" else entry.state
        return [
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            "" if entry.trial is None else str(entry.trial),
            Text(f"{STATE_MARKS.get(entry.state, ' ')} {word}", style),
            entry.text,
        ]


_COLUMNS = (
    Column("time", 19),
    Column("trial", 5, right=True),
    Column("what", 10),
    Column("details"),
)


def entries_of(view: StudyView) -> tuple[Entry, ...]:
    """Every start and end, the newest first."""
    entries = [entry for trial in view.snapshot.trials for entry in _of(view, trial)]
    entries += [Entry(line.at, line.trial, line.event, line.message) for line in view.log]
    best = _records(view)
    entries.sort(key=lambda entry: (entry.at, entry.trial or 0), reverse=True)
    return tuple(
        Entry(each.at, each.trial, each.state, f"{each.text}, the best so far")
        if each.state == "complete" and each.trial in best
        else each
        for each in entries
    )


def _of(view: StudyView, trial: TrialSnapshot) -> list[Entry]:
    found = []
    if trial.started is not None:
        found.append(Entry(trial.started, trial.number, "running", trial.notation))
    if trial.finished is not None:
        text = trial.reason or _values(view, trial)
        found.append(Entry(trial.finished, trial.number, state_word(trial.state), text))
    return found


def _values(view: StudyView, trial: TrialSnapshot) -> str:
    names = [objective.metric for objective in view.snapshot.objectives]
    pairs = zip(names, trial.values, strict=False)
    return ", ".join(f"{name} {cost(name, value)}" for name, value in pairs)


def _records(view: StudyView) -> set[int]:
    """The trials that were the best when they ended."""
    complete = [t for t in view.snapshot.of_state("COMPLETE") if t.finished is not None]
    best, found = None, set[int]()
    for trial in sorted(complete, key=lambda trial: (trial.finished or datetime.min, trial.number)):
        if best is None or is_better(trial.values[0], best, view.direction):
            best = trial.values[0]
            found.add(trial.number)
    return found
