"""What is known of one trial, a tab of it at a time."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from autoae.views.tui.canvas import Drawing, Series
from autoae.views.tui.chart import Chart
from autoae.views.tui.panels.panel import axis
from autoae.views.tui.pictures import half_blocks, sheet
from autoae.views.tui.source import StudyView, TrialFiles
from autoae.views.tui.texts import TEXTS, head_text

_NO_FILES = TrialFiles(problem="reading …")


class TrialPane(VerticalScroll, can_focus=True):
    """One trial."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._shown: tuple[object, ...] = ()
        self._files: tuple[int, TrialFiles] = (-1, _NO_FILES)

    def compose(self) -> ComposeResult:
        """The head, and a place for each kind of content."""
        yield Static(classes="pane-head")
        yield Static(classes="pane-text")
        yield Vertical(classes="pane-charts")
        yield Vertical(classes="pane-pictures")

    def take(self, view: StudyView, number: int, files: TrialFiles) -> None:
        """Keep what was read."""
        del view
        known = self._files
        if known[0] != number or not _same(known[1], files):
            self._files = number, files

    def show(self, view: StudyView, number: int, tab: str) -> None:
        """Show a tab of a trial, if it is not what is shown already."""
        files = self._files[1] if self._files[0] == number else _NO_FILES
        trial = view.snapshot.trials[number]
        wanted = (trial, files, tab, self.size.width)
        if self._shown and all(a is b or a == b for a, b in zip(wanted, self._shown, strict=True)):
            return
        self._shown = wanted
        self.query_one(".pane-head", Static).update(head_text(self.app, view, trial))
        text = self.query_one(".pane-text", Static)
        text.display = tab in TEXTS
        if tab in TEXTS:
            text.update(TEXTS[tab](self.app, view, trial, files))
        self.query_one(".pane-charts", Vertical).display = tab == "curves"
        self.query_one(".pane-pictures", Vertical).display = tab == "images"
        if tab == "curves":
            self._show_curves(files if files.curves else TrialFiles(curves=trial.curves))
        if tab == "images":
            self._show_pictures(files)

    def on_resize(self) -> None:
        """Images are as wide as there is room."""
        self._shown = ()

    def _show_curves(self, files: TrialFiles) -> None:
        place = self.query_one(".pane-charts", Vertical)
        names = sorted(files.curves, key=lambda name: (not name.startswith("val_"), name))
        if [chart.id for chart in place.query(Chart)] != [f"curve-{name}" for name in names]:
            place.remove_children()
            place.mount(*(_MetricCurve(name, id=f"curve-{name}") for name in names))
        for chart in place.query(_MetricCurve):
            series = Series(files.curves[chart.metric], color="primary")
            chart.drawing = Drawing((series,), axis("epoch", whole=True), axis(chart.metric))
        if not names:
            place.remove_children()
            place.mount(Static("no epoch is over yet"))

    def _show_pictures(self, files: TrialFiles) -> None:
        place = self.query_one(".pane-pictures", Vertical)
        place.remove_children()
        if files.originals is None:
            place.mount(Static(files.problem or "it left no images: they come with its best epoch"))
            return
        what = "originals" + (" above reconstructions" if files.reconstructions is not None else "")
        place.mount(Static(f"{what}, of the validation images\n"))
        make = getattr(self.app, "make_image", None)
        if make is not None:
            place.mount(make(sheet(files.originals, files.reconstructions)))
        else:
            room = max(self.size.width - 3, 20)
            place.mount(Static(half_blocks(files.originals, files.reconstructions, room)))


class _MetricCurve(Chart):
    """The curve of one metric."""

    def __init__(self, metric: str, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.metric = metric
        self.border_title = metric


def _same(one: TrialFiles, other: TrialFiles) -> bool:
    """Whether nothing new was read: arrays only come with the end of a trial."""
    return (
        one.curves == other.curves
        and one.problem == other.problem
        and one.error == other.error
        and len(one.layers) == len(other.layers)
        and (one.originals is None) == (other.originals is None)
        and (one.confusion is None) == (other.confusion is None)
    )
