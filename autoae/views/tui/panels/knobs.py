"""What mattered: importance, and the effects with their intervals and verdicts."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from autoae.analysis.importance import Importance
from autoae.analysis.ledger import Effect
from autoae.views.numbers import figure, span
from autoae.views.tui.canvas import bar
from autoae.views.tui.looks import style_of
from autoae.views.tui.panels.panel import Panel, Recipe
from autoae.views.tui.rows import Cell, Column, Rows, Table
from autoae.views.tui.source import Knobs, StudyView

_BAR = 16
_MOST = 8
_VERDICTS = {"helps": "success", "hurts": "error"}
_SHORT = {"observational, unreliable": "unreliable"}
"""The title says already that the effects are observational."""


class KnobsPanel(Panel):
    """Importance above, the ledger below."""

    def compose(self) -> ComposeResult:
        """Bars and a table."""
        yield Static("computing …", id="knobs-shares")
        yield Static(id="knobs-title", classes="title")
        yield Rows(id="knobs-rows")

    def recipe(self) -> Recipe:
        """Only the number of trials: the rest takes seconds, and comes from elsewhere."""
        return _complete

    def show(self, made: int) -> None:
        """Nothing of its own."""
        del made

    def show_knobs(self, knobs: Knobs, complete: int) -> None:
        """Show what mattered.

        Args:
            knobs: As computed.
            complete: Trials that are complete by now.
        """
        parts = [self._shares(each) for each in knobs.importances]
        shares = Text("\n").join(parts) if parts else Text("every variant is trained: see effects")
        if knobs.complete < complete:
            shares.append(f"\ncomputing again, with {complete} trials …", "dim")
        self.query_one("#knobs-shares", Static).update(shares)
        ledger = knobs.ledger
        effects = ledger.of(ledger.metrics[0]) if ledger.metrics else ()
        self.query_one("#knobs-title", Static).update(_title(knobs, effects))
        rows = [self._row(effect) for effect in effects]
        keys = tuple(range(len(rows)))
        self.query_one(Rows).show(Table(_COLUMNS, keys, rows.__getitem__, ledger.problem or ""))

    def show_problem(self, problem: str) -> None:
        """Say why there is nothing."""
        self.query_one("#knobs-shares", Static).update(Text(problem, "italic"))

    def _shares(self, found: Importance) -> Text:
        text = Text.assemble(("importance ", "bold"), (f"for {found.metric}", "bold"))
        text.append(f"  PED-ANOVA, {found.trials} complete trials: a hint, no proof", "dim")
        if found.problem is not None:
            return text.append(f"\n{found.problem}", style_of(self.app, "warning"))
        shown = list(found.shares.items())[:_MOST]
        width = max(len(name) for name, _ in shown)
        for name, share in shown:
            text.append(f"\n{name.ljust(width)}  ")
            text.append(bar(share, _BAR), style_of(self.app, "primary")).append(f" {share:>4.0%}")
        return text

    def _row(self, effect: Effect) -> Sequence[Cell]:
        color = _VERDICTS.get(effect.verdict, "")
        interval = effect.interval
        return [
            effect.knob + (" (inert control)" if effect.kind == "inert" else ""),
            f"{effect.level} – {effect.reference}" if effect.level else "",
            "–" if effect.estimate is None else f"{effect.estimate:+.2g}",
            span(interval.low, interval.high) if interval else "–",
            Text(_SHORT.get(effect.verdict, effect.verdict), style_of(self.app, color)),
            f"{effect.count}/{effect.reference_count}",
        ]


_COLUMNS = (
    Column("knob", 21),
    Column("level – reference"),
    Column("effect", 8, right=True),
    Column("95 % interval", 16, right=True),
    Column("verdict", 14),
    Column("trials", 7, right=True, least=110),
)


def _complete(view: StudyView) -> int:
    return view.counts.get("COMPLETE", 0)


def _title(knobs: Knobs, effects: Sequence[Effect]) -> Text:
    ledger = knobs.ledger
    if not effects:
        return Text("effects", "bold")
    text = Text.assemble(("effects ", "bold"), (f"on {effects[0].metric}", "bold"))
    text.append(f"  {ledger.design}, {len(ledger.claims)} claims of {len(effects)}", "dim")
    smallest = effects[0].detectable
    return text.append(f", finds {figure(smallest)} and more" if smallest else "", "dim")
