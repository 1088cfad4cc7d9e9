"""All trials: sorted, filtered, searched."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from autoae.analysis.figures import direction_of
from autoae.analysis.values import value_text
from autoae.store.snapshot import State, StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import clock, cost
from autoae.views.tui.keys import bindings
from autoae.views.tui.looks import state_text
from autoae.views.tui.panels.panel import Panel, Recipe, value_of
from autoae.views.tui.rows import Cell, Column, Rows, Table
from autoae.views.tui.source import StudyView

STATES: tuple[State | None, ...] = (None, *get_args(State))


@dataclass(frozen=True)
class Order:
    """Which trials are shown, and in which order.

    Attributes:
        column: The title of the column that orders.
        reverse: Whether the order is turned round.
        state: Only trials of this state.
        words: Only trials whose network, parameters or reason have all of these.
    """

    column: str = "trial"
    reverse: bool = True
    state: State | None = None
    words: str = ""


@dataclass(frozen=True)
class Listed:
    """The trials in their order."""

    study: StudySnapshot
    trials: tuple[TrialSnapshot, ...]
    order: Order


class TrialsPanel(Panel):
    """The table of trials, the newest first unless told otherwise."""

    BINDINGS = bindings("trials")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.order = Order()
        self._listed: Listed | None = None

    def compose(self) -> ComposeResult:
        """What is shown, a field for the search, the table, and the knobs of one trial."""
        yield Static(id="trials-order", classes="title")
        yield Input(placeholder="words of the network, a parameter or a reason", id="trials-words")
        yield Rows(id="trials-rows")
        yield Static(id="trials-knobs")

    def recipe(self) -> Recipe:
        """Filter and sort as the person wants it."""
        order = self.order
        return lambda view: listed(view, order)

    def show(self, made: Listed) -> None:
        """Show the trials; the cursor stays on its trial."""
        self._listed = made
        self.query_one("#trials-order", Static).update(_said(made))
        keys = tuple(trial.number for trial in made.trials)
        empty = "no trial is like that" if made.study.trials else "no trial has started yet"
        self.query_one(Rows).show(Table(columns(made.study), keys, self._cells, empty))
        self._tell_knobs()

    def trial(self) -> int | None:
        """The one under the cursor."""
        key = self.query_one(Rows).key
        return key if isinstance(key, int) else None

    def select(self, number: int) -> bool:
        """Put the cursor on a trial, where it is shown."""
        return self.query_one(Rows).select(number)

    def action_sort(self) -> None:
        """Sort by the next column, the better or larger first."""
        if self._listed is None:
            return
        names = list(_keys(self._listed.study))
        following = names[(names.index(self.order.column) + 1) % len(names)]
        down = direction_of(self._listed.study, following) == "maximize" or following == "trial"
        self._set(replace(self.order, column=following, reverse=down))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._set(replace(self.order, reverse=not self.order.reverse))

    def action_filter(self) -> None:
        """Show the trials of the next state only."""
        state = STATES[(STATES.index(self.order.state) + 1) % len(STATES)]
        self._set(replace(self.order, state=state))

    def action_search(self) -> None:
        """Open the field for the search."""
        field = self.query_one("#trials-words", Input)
        field.add_class("open")
        field.focus()

    @on(Input.Changed, "#trials-words")
    def _searched(self, event: Input.Changed) -> None:
        self._set(replace(self.order, words=event.value))

    @on(Input.Submitted, "#trials-words")
    def _found(self) -> None:
        self.leave_search()

    def leave_search(self) -> bool:
        """Go from the field to the table; says whether the field had the keys."""
        field = self.query_one("#trials-words", Input)
        if not field.has_focus:
            return False
        field.set_class(bool(field.value), "open")
        self.query_one(Rows).focus()
        return True

    @on(Rows.Moved)
    def _tell_knobs(self) -> None:
        number = self.trial()
        trial = (
            None if number is None or self._listed is None else self._listed.study.trials[number]
        )
        self.query_one("#trials-knobs", Static).update(_knobs(trial))

    def _set(self, order: Order) -> None:
        if order != self.order:
            self.order = order
            self.changed()

    def _cells(self, index: int) -> list[Cell]:
        assert self._listed is not None
        study, trial = self._listed.study, self._listed.trials[index]
        state = "refused" if trial.refused else trial.state
        return [
            str(trial.number),
            state_text(self.app, trial.state) if not trial.refused else Text(f"◌ {state}"),
            *(
                cost(each.metric, value_of(study, trial, index))
                for index, each in enumerate(study.objectives)
            ),
            cost("params", trial.costs.get("params")),
            str(trial.epochs),
            clock(trial.seconds),
            trial.notation or trial.reason,
        ]


def columns(study: StudySnapshot) -> tuple[Column, ...]:
    """The columns for the objectives of a study."""
    metrics = [objective.metric for objective in study.objectives]
    return (
        Column("trial", 5, right=True),
        Column("state", 10),
        *(Column(metric, max(len(metric), 8), right=True) for metric in metrics),
        Column("params", 6, right=True),
        Column("epochs", 6, right=True),
        Column("time", 7, right=True, least=70),
        Column("network"),
    )


def listed(view: StudyView, order: Order) -> Listed:
    """The trials that are wanted, in the order that is wanted; those without a value last."""
    study = view.snapshot
    words = order.words.lower().split()
    shown = [
        trial
        for trial in study.trials
        if (order.state is None or trial.state == order.state) and _matches(trial, words)
    ]
    key = _keys(study)[order.column]
    known = [(value, trial) for trial in shown if (value := key(trial)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.reverse)
    unknown = [trial for trial in shown if key(trial) is None]
    return Listed(study, (*(trial for _, trial in known), *unknown), order)


def _keys(study: StudySnapshot) -> dict[str, Callable[[TrialSnapshot], float | None]]:
    """What each column orders by."""
    objectives: dict[str, Callable[[TrialSnapshot], float | None]] = {
        each.metric: _value(study, index) for index, each in enumerate(study.objectives)
    }
    return {
        "trial": lambda trial: trial.number,
        **objectives,
        "params": lambda trial: trial.costs.get("params"),
        "epochs": lambda trial: trial.epochs,
        "time": lambda trial: trial.seconds,
    }


def _value(study: StudySnapshot, index: int) -> Callable[[TrialSnapshot], float | None]:
    return lambda trial: value_of(study, trial, index)


def _matches(trial: TrialSnapshot, words: list[str]) -> bool:
    if not words:
        return True
    params = " ".join(f"{name}={value_text(value)}" for name, value in trial.params.items())
    text = f"{trial.number} {trial.notation} {params} {trial.reason} {state_word(trial.state)}"
    return all(word in text.lower() for word in words)


def _said(made: Listed) -> str:
    order, count = made.order, len(made.trials)
    parts = [f"{count} of {len(made.study.trials)} trials"]
    parts.append(f"by {order.column} {'▼' if order.reverse else '▲'}")
    if order.state:
        parts.append(f"only {state_word(order.state)}")
    if order.words:
        parts.append(f"with “{order.words}”")
    return "  ·  ".join(parts)


def _knobs(trial: TrialSnapshot | None) -> Text:
    text = Text(no_wrap=False)
    for name, value in (trial.params if trial else {}).items():
        text.append(f"{name.rpartition('.')[0] or ''}.".lstrip("."), "dim")
        text.append(f"{name.rpartition('.')[2]}=").append(f"{value_text(value)}  ", "bold")
    if trial and trial.reason:
        text.append(f"\n{trial.reason}", "italic")
    return text
