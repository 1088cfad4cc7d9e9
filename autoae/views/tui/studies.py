"""All studies of the storage."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from autoae.store.listing import StudyListing
from autoae.views.numbers import figure
from autoae.views.tui.keys import bindings
from autoae.views.tui.looks import state_text
from autoae.views.tui.rows import Cell, Column, Rows, Table
from autoae.views.tui.screen import DataScreen, Picture, Wanted

_COLUMNS = (
    Column("study"),
    Column("state", 10),
    Column("trials", 11, right=True),
    Column("complete", 8, right=True, least=100),
    Column("pruned", 7, right=True, least=100),
    Column("failed", 6, right=True, least=100),
    Column("running", 7, right=True),
    Column("best", 9, right=True),
    Column("objective", 14, least=74),
    Column("last activity", 16, least=90),
)


class StudiesScreen(DataScreen):
    """The list of studies; Enter opens one."""

    BINDINGS = bindings("studies")

    def body(self) -> ComposeResult:
        """A title and the table."""
        yield Static("autoae  ·  studies", classes="title")
        yield Rows(id="studies")

    def on_mount(self) -> None:
        """The keys go to the table."""
        self.query_one(Rows).focus()
        self.query_one(Rows).show(Table(_COLUMNS, (), lambda _: (), "reading …"))

    def wanted(self) -> Wanted:
        """The list."""
        return Wanted()

    def take(self, picture: Picture) -> None:
        """Show it; the cursor stays on its study."""
        if picture.studies is None:
            return
        studies = picture.studies
        empty = "there is no study yet: autoae study create digits-hybrid --run"
        keys = tuple(study.name for study in studies)
        table = Table(_COLUMNS, keys, lambda index: self._row(studies[index]), empty)
        self.query_one(Rows).show(table)

    @on(Rows.Chosen)
    def _open(self, event: Rows.Chosen) -> None:
        self.monitor.open_study(str(event.key))

    def _row(self, study: StudyListing) -> list[Cell]:
        budget = "" if study.budget is None else f"/{study.budget}"
        return [
            Text(study.name, "bold"),
            state_text(self.app, state_of(study)),
            f"{study.done}{budget}",
            *(str(study.counts.get(state, 0)) for state in ("COMPLETE", "PRUNED", "FAIL")),
            str(study.counts.get("RUNNING", 0)),
            figure(study.best),
            ", ".join(metric for metric, _ in study.objectives),
            f"{study.active:%Y-%m-%d %H:%M}" if study.active else "–",
        ]


def state_of(study: StudyListing) -> str:
    """A study in one word, as far as counting tells."""
    if study.paused:
        return "paused"
    if study.counts.get("RUNNING", 0):
        return "running"
    return "done" if study.budget is not None and study.done >= study.budget else "idle"
