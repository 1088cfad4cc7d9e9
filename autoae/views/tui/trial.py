"""One trial in full, or two side by side."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from autoae.views.tui.doing import Doing
from autoae.views.tui.keys import VIEWS, bindings
from autoae.views.tui.pane import TrialPane
from autoae.views.tui.screen import DataScreen, Picture, Wanted
from autoae.views.tui.source import StudyView
from autoae.views.tui.tabs import TabLine


class TrialScreen(Doing, DataScreen):
    """Trials of one study.

    Args:
        study: Its name.
        numbers: One trial, or two to compare.
        view: The study as far as it is known.
    """

    BINDINGS = bindings("trial")

    def __init__(self, study: str, numbers: tuple[int, ...], view: StudyView | None) -> None:
        super().__init__()
        self.study_name = study
        self.view: StudyView | None = view
        self.numbers = numbers
        self._steered = 0

    def body(self) -> ComposeResult:
        """Tabs, and a pane for each trial."""
        yield TabLine(VIEWS, "view")
        with Horizontal(id="panes"):
            yield TrialPane(id="pane-0")
            yield TrialPane(id="pane-1")

    def on_mount(self) -> None:
        """Show the first tab."""
        self.query_one(TabLine).active = VIEWS[0]
        self._show()

    def wanted(self) -> Wanted:
        """The study, and the files of the trials."""
        return Wanted(self.study_name, self.numbers)

    def take(self, picture: Picture) -> None:
        """Show the trials as they are now."""
        if picture.study is None or picture.study.snapshot.name != self.study_name:
            return
        self.view = picture.study
        for pane, number in zip(self.panes, self.numbers, strict=False):
            if number in picture.files:
                pane.take(picture.study, number, picture.files[number])
        self._show()

    @property
    def panes(self) -> tuple[TrialPane, TrialPane]:
        """Both, the second perhaps hidden."""
        return self.query_one("#pane-0", TrialPane), self.query_one("#pane-1", TrialPane)

    def chosen(self) -> int | None:
        """The trial that the keys are about."""
        return self.numbers[self._steered]

    def action_view(self, name: str) -> None:
        """Show a tab of every trial."""
        self.query_one(TabLine).active = name
        self._show()

    def action_step(self, step: int) -> None:
        """Show the trial before or after."""
        if self.view is None:
            return
        number = self.numbers[self._steered] + step
        if 0 <= number < len(self.view.snapshot.trials):
            self._set(number)

    def action_swap(self) -> None:
        """Steer the other trial."""
        self._steered = (self._steered + 1) % len(self.numbers)
        self._show()

    def action_beside_best(self) -> None:
        """Set the best trial beside this one, or take the second away."""
        if len(self.numbers) == 2:
            self.numbers, self._steered = (self.numbers[self._steered],), 0
        elif self.view is None or self.view.best is None:
            self.monitor.say("no trial is complete yet")
            return
        else:
            self.numbers = (*self.numbers, self.view.best.number)
        self._show()
        self.monitor.read()

    def _set(self, number: int) -> None:
        numbers = list(self.numbers)
        numbers[self._steered] = number
        self.numbers = tuple(numbers)
        self._show()
        self.monitor.read()

    def _show(self) -> None:
        tab = self.query_one(TabLine).active or VIEWS[0]
        for place, pane in enumerate(self.panes):
            shown = place < len(self.numbers)
            pane.display = shown
            pane.set_class(shown and len(self.numbers) == 2 and place == self._steered, "steered")
            if shown and self.view is not None:
                pane.show(self.view, self.numbers[place], tab)
        if not self.panes[self._steered].has_focus:
            self.set_focus(self.panes[self._steered])
