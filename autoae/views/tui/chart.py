"""A plot as a widget: it draws what it is given, as large as it is."""

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from autoae.views.tui.canvas import Drawing, plot
from autoae.views.tui.looks import style_of


class Chart(Widget, can_focus=False):
    """A plot.

    Attributes:
        drawing: What it shows.
    """

    drawing: reactive[Drawing] = reactive(Drawing())

    def render(self) -> Text:
        """The plot, as large as the widget."""
        return plot(self.drawing, self.size.width, self.size.height, self._style)

    def _style(self, color: str, faint: bool) -> Style:
        return style_of(self.app, color, faint=faint)
