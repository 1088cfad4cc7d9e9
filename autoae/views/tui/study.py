"""One study: its head, and a tab for each way to look at it."""

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from autoae.store.listing import StudyListing
from autoae.views.tui.background import Background, Finished, Job
from autoae.views.tui.doing import Doing
from autoae.views.tui.head import StudyHead
from autoae.views.tui.keys import TABS, bindings
from autoae.views.tui.panels.front import FrontPanel
from autoae.views.tui.panels.history import HistoryPanel
from autoae.views.tui.panels.knobs import KnobsPanel
from autoae.views.tui.panels.log import LogPanel
from autoae.views.tui.panels.now import NowPanel
from autoae.views.tui.panels.panel import Panel
from autoae.views.tui.panels.parallel import ParallelPanel
from autoae.views.tui.panels.slice import SlicePanel
from autoae.views.tui.panels.trials import TrialsPanel
from autoae.views.tui.panels.workers import WorkersPanel
from autoae.views.tui.rows import Rows
from autoae.views.tui.screen import DataScreen, Picture, Wanted
from autoae.views.tui.source import Knobs, StudyView
from autoae.views.tui.tabs import TabLine

_PANELS: dict[str, type[Panel]] = {
    "now": NowPanel,
    "trials": TrialsPanel,
    "front": FrontPanel,
    "knobs": KnobsPanel,
    "parallel": ParallelPanel,
    "slice": SlicePanel,
    "history": HistoryPanel,
    "workers": WorkersPanel,
    "log": LogPanel,
}
_PAINT, _COMPUTE = "paint", "compute"
_GROWTH = 1.05
"""What mattered is computed again when there are so many times more complete trials."""


class StudyScreen(Doing, DataScreen):
    """A study.

    Args:
        name: Of the study.
        listing: What the list says of it, which is there first.
    """

    BINDINGS = bindings("study")

    def __init__(self, name: str, listing: StudyListing | None = None) -> None:
        super().__init__()
        self.study_name = name
        self.view: StudyView | None = None
        self._listing = listing
        self._marked: int | None = None
        self._knobs: Knobs | None = None
        self._computing = False
        self._go_to: int | None = None
        self._paint = Background(_PAINT, self)
        self._compute: Background | None = None

    def body(self) -> ComposeResult:
        """Head, tabs, panels."""
        yield StudyHead(self.study_name)
        yield TabLine(TABS, "tab")
        with ContentSwitcher(initial=TABS[0], id="panels"):
            for name in TABS:
                yield _PANELS[name](id=name)

    def on_mount(self) -> None:
        """Show the first tab."""
        self.query_one(StudyHead).listing = self._listing
        self.action_tab(TABS[0])

    def on_unmount(self) -> None:
        """End the threads."""
        self._paint.end()
        if self._compute is not None:
            self._compute.end()

    def wanted(self) -> Wanted:
        """The study; the list before, for its counts are there at once."""
        first = self.view is None and self._listing is None
        return Wanted() if first and not self.monitor.listed else Wanted(self.study_name)

    def take(self, picture: Picture) -> None:
        """Show the study as it is now."""
        for listing in picture.studies or ():
            if listing.name == self.study_name:
                self._listing = listing
                self.query_one(StudyHead).listing = listing
        if picture.study is not None and picture.study.snapshot.name == self.study_name:
            changed = picture.study is not self.view
            self.view = picture.study
            self.query_one(StudyHead).view = picture.study
            # The ages of signs of life go on where nothing else does.
            if changed or self.tab == "workers":
                self.paint()

    @property
    def tab(self) -> str:
        """The name of the tab that is shown."""
        return self.query_one("#panels", ContentSwitcher).current or TABS[0]

    @property
    def panel(self) -> Panel:
        """The tab that is shown."""
        return self.query_one(f"#{self.tab}", Panel)

    def paint(self) -> None:
        """Make what the tab shows, in a thread."""
        if self.view is not None:
            recipe = partial(self.panel.recipe(), self.view)
            self._paint.submit(Job(self.tab, recipe))
            if self.tab == "knobs":
                self._compute_knobs(self.view)

    @on(Panel.Changed)
    def _changed(self) -> None:
        self.paint()

    @on(Finished)
    def _made(self, event: Finished) -> None:
        event.stop()
        if not self.ready:
            return
        if event.worker == _COMPUTE:
            self._computed(event.result)
        elif isinstance(event.result, Exception):
            self.monitor.say(f"cannot show {event.topic}: {event.result}", wrong=True)
        elif event.topic == self.tab:
            self.panel.show(event.result)
            self._go()

    def _go(self) -> None:
        """Put the cursor where a key wanted it, once the tab is there."""
        if self._go_to is not None:
            self.panel.select(self._go_to)
            self._go_to = None

    def _compute_knobs(self, view: StudyView) -> None:
        complete = view.counts.get("COMPLETE", 0)
        known = self._knobs
        if known is not None:
            self.query_one(KnobsPanel).show_knobs(known, complete)
        if self._computing or (known is not None and not _outgrown(known, complete)):
            return
        self._computing = True
        self._compute = self._compute or Background(_COMPUTE, self)
        self._compute.submit(Job("knobs", partial(self.monitor.source.knobs, view)))

    def _computed(self, result: object) -> None:
        self._computing = False
        if isinstance(result, Knobs):
            self._knobs = result
            complete = self.view.counts.get("COMPLETE", 0) if self.view else result.complete
            self.query_one(KnobsPanel).show_knobs(result, complete)
        else:
            self.query_one(KnobsPanel).show_problem(str(result))

    def action_tab(self, name: str) -> None:
        """Show a tab; the keys go to it."""
        self.query_one("#panels", ContentSwitcher).current = name
        self.query_one(TabLine).active = name
        panel = self.panel
        target = panel if panel.can_focus else next(iter(panel.query(Rows)), None)
        self.set_focus(target)
        self.paint()

    def action_turn(self, step: int) -> None:
        """Show the tab beside."""
        self.action_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_open(self) -> None:
        """Open the trial under the cursor."""
        if (number := self.chosen()) is not None:
            self.monitor.open_trial(self.study_name, (number,), self.view)

    @on(Rows.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def action_best(self) -> None:
        """Go to the best trial, in the table of trials unless the tab has it."""
        if self.view is None or self.view.best is None:
            self.monitor.say("no trial is complete yet")
            return
        number = self.view.best.number
        if not self.panel.select(number):
            self._go_to = number
            self.action_tab("trials")

    def action_compare(self) -> None:
        """Mark a trial; on another one open both."""
        number = self.chosen()
        if number is None:
            return
        if self._marked is None or self._marked == number:
            self._marked = number
            self.monitor.say(f"trial {number} is marked; c on another one shows both")
            return
        pair, self._marked = (self._marked, number), None
        self.monitor.open_trial(self.study_name, pair, self.view)

    def chosen(self) -> int | None:
        """The trial that the keys are about."""
        number = self.panel.trial()
        if number is None:
            self.monitor.say("choose a trial first")
        return number

    def back(self) -> bool:
        """Leave the search; says whether there was one."""
        panel = self.panel
        return isinstance(panel, TrialsPanel) and panel.leave_search()


def _outgrown(known: Knobs, complete: int) -> bool:
    """Whether there are enough new trials to compute again."""
    return complete > known.complete and complete >= known.complete * _GROWTH
