"""The top of a study: its name and question, how far it is, the best so far."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from autoae.analysis.figures import figure_of
from autoae.store.listing import StudyListing
from autoae.views.board import state_word
from autoae.views.numbers import cost, figure
from autoae.views.tui.canvas import bar
from autoae.views.tui.looks import STATE_COLORS, state_text, style_of
from autoae.views.tui.source import StudyView
from autoae.views.tui.studies import state_of

_BAR = 20
_STATES = ("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING")


class StudyHead(Widget):
    """Three lines.

    Attributes:
        view: The study, once it was read.
        listing: Its counts, which are there first.
    """

    view: reactive[StudyView | None] = reactive(None)
    listing: reactive[StudyListing | None] = reactive(None)

    def __init__(self, name: str) -> None:
        super().__init__(id="head")
        self._study = name

    def render(self) -> Text:
        """What is known."""
        lines = [self._title(), self._counts(), self._best()]
        width = self.size.width
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Text("\n", no_wrap=True).join(lines)

    def _title(self) -> Text:
        line = Text().append(self._study, "bold")
        if self.view is not None:
            line.append("  ").append_text(state_text(self.app, self.view.state))
            line.append(f"  {self.view.question.text}", "dim")
        elif self.listing is not None:
            line.append("  ").append_text(state_text(self.app, state_of(self.listing)))
        return line

    def _counts(self) -> Text:
        known = self.view or self.listing
        if known is None:
            return Text("reading …", "dim")
        budget = self.view.snapshot.budget if self.view else (self.listing and self.listing.budget)
        line = Text(style=style_of(self.app, ""))
        if budget:
            line.append(bar(known.done / budget, _BAR), style_of(self.app, "primary"))
            line.append(f" {known.done}/{budget} trials  ")
        for state in _STATES:
            if count := known.counts.get(state, 0):
                word = state_word(state)
                line.append(f"  {count} {word}", style_of(self.app, STATE_COLORS[word]))
        return line

    def _best(self) -> Text:
        if self.view is None:
            best = self.listing.best if self.listing else None
            return Text.assemble(("best ", "dim"), (figure(best), "bold"))
        trial, study = self.view.best, self.view.snapshot
        if trial is None:
            return Text("no trial is complete yet", "dim")
        line = Text()
        for name in dict.fromkeys([*(each.metric for each in study.objectives), "params"]):
            line.append(f"{'best ' if not line else ''}{name} ", "dim")
            line.append(f"{cost(name, figure_of(study, trial, name))}  ", "bold")
        return line.append(f"trial {trial.number}  ", "dim").append(trial.notation)
